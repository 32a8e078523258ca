// Notes what a page must not do: break its policy, fail, or say more on the console than it should.
(() => {
  if (window.seenByStories) return;
  const seen = { violations: [], errors: [], logs: [] };
  Object.defineProperty(window, 'seenByStories', { value: seen, enumerable: false });
  addEventListener('securitypolicyviolation', (e) => seen.violations.push(`${e.effectiveDirective} ${e.blockedURI} ${e.sample}`));
  addEventListener('error', (e) => seen.errors.push(e.message || `could not load ${e.target?.src || e.target?.href}`), true);
  addEventListener('unhandledrejection', (e) => seen.errors.push(`rejected: ${e.reason}`));
  for (const level of ['debug', 'log', 'info', 'warn', 'error']) {
    const said = console[level];
    console[level] = (...words) => {
      const text = words.map(String).join(' ');
      seen.logs.push(`${level}: ${text}`);
      if (level === 'error') seen.errors.push(`console.error: ${text}`);
      said.apply(console, words);
    };
  }
})();
