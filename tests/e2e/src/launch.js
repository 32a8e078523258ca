// Put before the page's own scripts: opens FILES (names and bytes) with the app, as the system does with an installed one.
(() => {
  const handle = ([name, bytes]) => ({ kind: 'file', name, getFile: async () => new File([new Uint8Array(bytes)], name) });
  const queue = { setConsumer: (take) => take({ files: (FILES).map(handle), targetURL: location.href }) };
  Object.defineProperty(window, 'launchQueue', { configurable: true, value: queue });
})();
