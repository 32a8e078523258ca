// Put before the page's own scripts: stops the page at a named moment, and tells what it shows as saved. SETTINGS are the app's
// kept settings, BELL the address that is told, ARMED the moment (null: none). The product knows nothing of this.
(() => {
  if (window.torture || window !== top) return;
  const state = { armed: ARMED };
  Object.defineProperty(window, 'torture', { value: state, enumerable: false });
  localStorage.setItem('pentimento.settings', JSON.stringify(SETTINGS));
  localStorage.removeItem('pentimento.draft');
  // Synchronous: the page stands still until it is answered, and where it is killed it is never answered.
  const ring = (what) => {
    const request = new XMLHttpRequest();
    request.open('GET', BELL + what, false);
    try { request.send(); } catch (gone) { /* the harness has ended */ }
  };
  const at = (kind, parts = [], within = []) => {
    const { armed } = state;
    if (armed?.kind !== kind) return;
    if (!armed.parts.every((part) => parts.includes(part))) return;
    if (!armed.within.every((store) => within.includes(store))) return;
    state.armed = null;
    ring('reached');
  };

  // Transactions that write: when they open, what is written, and the moment in which they are complete and nobody knows it yet.
  const written = new WeakMap();
  const transaction = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (stores, mode, ...rest) {
    const opened = transaction.call(this, stores, mode, ...rest);
    if (mode === 'readwrite') {
      const names = [...opened.objectStoreNames];
      written.set(opened, []);
      opened.addEventListener('complete', () => at('complete', written.get(opened), names));
      at('open', [], names);
    }
    return opened;
  };
  const noted = ['backup', 'restore'];
  const named = (store, verb, [value, key]) => {
    const of = verb === 'delete' ? value : key;
    if (store === 'meta' && noted.includes(of)) return `${verb === 'delete' ? '-' : ''}meta=${of}`;
    if (verb === 'delete') return `-${store}`;
    if (store === 'attempts') return `attempts=${JSON.parse(value).state}`;
    if (store === 'blobs' && String(key).includes(':')) return 'blobs=draft';
    return store;
  };
  for (const verb of ['add', 'put', 'delete']) {
    const real = IDBObjectStore.prototype[verb];
    IDBObjectStore.prototype[verb] = function (...values) {
      const request = real.apply(this, values);
      const list = written.get(this.transaction);
      if (list) {
        list.push(named(this.name, verb, values));
        at('write', list.slice(-1), [...this.transaction.objectStoreNames]);
      }
      return request;
    };
  }
  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function (...values) {
    const request = open.apply(this, values);
    request.addEventListener('upgradeneeded', () => at('upgrade'));
    at('opening', [values[0]]);
    return request;
  };

  const before = (owner, name, kind, parts) => {
    const real = owner[name];
    owner[name] = function (...values) {
      at(kind, parts(values));
      return real.apply(this, values);
    };
  };
  before(window, 'fetch', 'fetch', ([asked, options]) => [options?.method ?? asked.method ?? 'GET']);
  before(SubtleCrypto.prototype, 'digest', 'digest', () => []);
  // The browser's own dialogue is for nobody here: in its place stands a file of the page's private folder.
  window.showSaveFilePicker = async ({ suggestedName }) =>
    (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
  for (const verb of ['write', 'close']) before(FileSystemWritableFileStream.prototype, verb, 'file', () => [verb]);
  const register = ServiceWorkerContainer.prototype.register;
  ServiceWorkerContainer.prototype.register = function (...values) {
    const registered = register.apply(this, values);
    at('register');
    return registered;
  };

  const told = new Set();
  new MutationObserver(() => {
    const shown = [...document.querySelectorAll('[aria-label=Results] article')].map((e) => e.getAttribute('aria-label'));
    const fresh = shown.filter((name) => !told.has(name));
    if (!fresh.length) return;
    fresh.forEach((name) => told.add(name));
    ring(`shown?${fresh.map(encodeURIComponent).join('&')}`);
    at('shown', fresh);
  }).observe(document, { childList: true, subtree: true });
})();
