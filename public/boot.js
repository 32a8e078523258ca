// Starts the app: checks the browser, guards the sinks that could run a string as code, loads glue and wasm.
// Written in syntax that every browser with modules can read, so that an old one gets a notice and not silence.
//
// Who checks which bytes: this file and the stylesheet, by the integrity of their own tags; the glue, by the
// integrity of link#app-js, because import() takes the module that this link has already fetched and checked;
// the wasm, by the fetch below, with the hash that link#app-wasm carries (a preload for fetch checks none itself).

/** The Trusted Types policy that stands behind every `innerHTML`: Leptos writes its static markup that way. */
function guard() {
  if (!window.trustedTypes || !trustedTypes.createPolicy) return;
  const code = /<\s*\/?\s*(script|iframe|frame|object|embed|base|meta|link)|[\s/"'<]on[a-z]+\s*=|javascript\s*:|srcdoc/i;
  trustedTypes.createPolicy('default', {
    createHTML: function (markup) { return code.test(markup) ? null : markup; },
    createScript: function () { return null; },
    createScriptURL: function (address) {
      return new URL(address, document.baseURI).origin === location.origin ? address : null;
    },
  });
}

/** What this browser lacks, in the words of the specifications. */
function lacking() {
  // An empty module with one table of externref: the youngest feature of wasm that the app is compiled with.
  const references = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 4, 4, 1, 111, 0, 0]);
  const needs = [
    ['WebAssembly (reference types)', function () { return WebAssembly.validate(references); }],
    ['https', function () { return isSecureContext; }],
    ['Web Crypto', function () { return !!crypto.subtle; }],
    ['<dialog>', function () { return !!HTMLDialogElement.prototype.showModal; }],
    ['popover', function () { return 'popover' in HTMLElement.prototype; }],
    ['streams', function () { return 'body' in Response.prototype; }],
    ['OffscreenCanvas', function () { return !!OffscreenCanvas && !!createImageBitmap; }],
    ['CSS cascade layers', function () { return !!CSSLayerBlockRule; }],
  ];
  return needs.filter(function (need) {
    try { return !need[1](); } catch (missing) { return true; }
  }).map(function (need) { return need[0]; });
}

/** Shows one of the notices that stand in the page, with `text` in the places marked by `attribute`. */
function notice(id, attribute, text) {
  const element = document.getElementById(id);
  element.querySelectorAll('[' + attribute + ']').forEach(function (place) { place.textContent = text; });
  element.hidden = false;
}

/** Glue and wasm come in parallel; the wasm is compiled while it arrives. */
function start() {
  const js = document.getElementById('app-js');
  const wasm = document.getElementById('app-wasm');
  const bytes = fetch(wasm.href, { integrity: wasm.dataset.integrity, credentials: 'same-origin' }).then(function (reply) {
    if (!reply.ok) throw new Error('status ' + reply.status);
    return reply;
  }).catch(function (error) {
    throw new Error(wasm.href + ' did not arrive as it was published (' + error.message + ')');
  });
  bytes.catch(function () {}); // reported below, with whatever fails first
  return Promise.all([import(js.href), page]).then(function (both) { return both[0].default({ module_or_path: bytes }); });
}

/** Whether a service worker answers for this page. */
function hasWorker() {
  // Absent in some browsers, undefined in others, and where a page may have none, looking throws.
  try {
    return Boolean(navigator.serviceWorker && navigator.serviceWorker.controller);
  } catch (forbidden) {
    return false;
  }
}

/** The app's database as it is: the app looks at it, and takes it over or opens its own. Where there is none, none is made. */
function openDatabase() {
  return new Promise(function (done) {
    const request = indexedDB.open('studio');
    request.onupgradeneeded = function () { request.transaction.abort(); };
    request.onerror = function () { done(null); };
    request.onsuccess = function () {
      const opened = { database: request.result, count: 30, rows: null, small: [] };
      // Whoever erases it or has a newer one need not wait for a page that has not come so far.
      opened.database.onversionchange = function () { opened.database.close(); };
      try {
        if (location.hash === '#/library') readNewest(opened, done);
        else done(opened);
      } catch (absent) {
        done(opened);
      }
    };
  });
}

/** What the library shows first: the app shows it at once, and reads it again itself. */
function readNewest(opened, done) {
  const transaction = opened.database.transaction(['pictures', 'thumbs']);
  const thumbs = transaction.objectStore('thumbs');
  const newest = transaction.objectStore('pictures').getAllRecords({ count: opened.count, direction: 'prev' });
  newest.onsuccess = function () {
    opened.rows = newest.result;
    const first = opened.rows.slice(0, 18);
    first.forEach(function (row, place) {
      try {
        const key = JSON.parse(row.value).blob;
        const small = thumbs.get(key);
        small.onsuccess = function () {
          opened.small.push([key, small.result]);
          if (place === first.length - 1) done(opened);
        };
      } catch (damaged) { /* the app says so */ }
    });
  };
  transaction.oncomplete = transaction.onabort = function () { done(opened); };
}

/** Where a service worker has all files at hand, what follows the first of them is begun beside it. */
function beginTheRest() {
  const rest = document.getElementById('rest-wasm');
  if (!rest || !hasWorker()) return;
  // The worker checked it when it put it there, so it is compiled while it is read. What fails here is done again by the app.
  const nothing = function () { return null; };
  document.compiling = caches.match(rest.content, { ignoreVary: true }).then(function (reply) {
    return reply ? WebAssembly.compileStreaming(reply) : null;
  }).catch(nothing);
  document.opening = openDatabase().catch(nothing);
}

/** Something in the app broke: it is said, and the last two such moments are kept. The app sends nothing while it is said. */
function broke() {
  const sign = document.getElementById('broken');
  if (!sign || !sign.hidden) return;
  sign.hidden = false;
  try {
    const before = (localStorage.getItem('pentimento.broke') || '').split(' ').pop();
    localStorage.setItem('pentimento.broke', (before + ' ' + new Date().getTime()).trim());
  } catch (forbidden) { /* then it is not kept */ }
}

/** Whether something was thrown through the app, which then stands in the middle of what it did. */
function isThrownThrough(error) {
  if (error instanceof WebAssembly.RuntimeError) return true;
  return error instanceof Error && !(error instanceof DOMException) && /wasm-function/.test(error.stack);
}

// Said by the app's panics; traps, and what the browser throws, say it themselves.
addEventListener('broken', broke);
addEventListener('error', function (event) { if (isThrownThrough(event.error)) broke(); });
addEventListener('unhandledrejection', function (event) { if (isThrownThrough(event.reason)) broke(); });

// This file is not waited for, nor does it wait: it may run before the page is read to its end.
const page = new Promise(function (read) {
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', read, { once: true });
  else read();
});
// The app shows the notice too, when something breaks later.
document.addEventListener('click', function (event) {
  if (event.target.closest && event.target.closest('[data-reload]')) location.reload();
});
// A file that is dropped must not be opened in the place of the app; what comes before the app can take it is held for it.
['dragover', 'drop'].forEach(function (name) {
  document.addEventListener(name, function (event) {
    if (!event.dataTransfer || event.dataTransfer.types.indexOf('Files') < 0) return;
    event.preventDefault();
    if (name === 'drop') document.held = { files: event.dataTransfer.files };
  });
});
const missing = lacking();
if (missing.length > 0) {
  page.then(function () { notice('too-old', 'data-missing', missing.join(', ')); });
} else {
  guard();
  start().catch(function (error) {
    console.error(error);
    page.then(function () { notice('boot-failed', 'data-detail', String(error)); });
  });
  beginTheRest();
}
