// Keeps one whole build of the app, so that it opens without a network, and never a mix of two.
//
// It answers two things: GETs of this origin for the page and the files of its build, and the form in which the system hands
// over what other apps share. Whatever else passes by (an API, other sites under this origin) it leaves alone: it reads no
// header, keeps no reply and sends nothing again. The rules below say the same to browsers that need no worker for it.

// These two lines are written by the build (xtask/src/service_worker.rs): a name for all of it, and each file with its hash.
const BUILD = "none";
const FILES = {};

const SCOPE = new URL('./', location.href);
// Other copies of the app may live under this origin: each has its own caches.
const OWN = `pentimento ${SCOPE.pathname} `;
const CACHE = OWN + BUILD;
// What is shared waits here until the person has said what becomes of it (src/browser/shared.rs), whatever build is in place.
const SHARED = `${OWN}shared`;
const SHARE = new URL('share', SCOPE);
// Any page can send such a form: no more of them is kept, and looked at by the app.
const MOST_WAITING = 3;
const MOST_BYTES = 100 << 20;
const MOST_PARTS = 32;
const LONGEST_NAME = 255;

/** Every file, past the HTTP cache and checked against its hash: the whole build, or nothing. One by one, to be no burden. */
async function fill() {
  try {
    const cache = await caches.open(CACHE);
    for (const [file, integrity] of Object.entries(FILES)) {
      const request = new Request(new URL(file, SCOPE), {
        integrity, cache: 'reload', credentials: 'same-origin', redirect: 'error',
      });
      const reply = await fetch(request);
      if (!reply.ok) throw new Error(`${request.url}: status ${reply.status}`);
      await cache.put(request, reply);
    }
  } catch (error) {
    await caches.delete(CACHE);
    throw error;
  }
}

/** The file of this build that an address asks for. The page has one address; its views stand behind the `#`. */
function fileAt(url) {
  if (url.origin !== SCOPE.origin || !url.pathname.startsWith(SCOPE.pathname)) return null;
  const path = url.pathname.slice(SCOPE.pathname.length);
  const file = path === '' || path === 'index.html' ? './' : path;
  return Object.hasOwn(FILES, file) ? new URL(file, SCOPE).href : null;
}

/** For browsers that answer by rules: the page starts without this worker, which is not even told what goes elsewhere. */
function rules() {
  const { protocol, hostname, port } = SCOPE;
  const at = (path) => {
    const pathname = path.replace(/[^\w./%-]/g, '\\$&');
    return { urlPattern: new URLPattern({ protocol, hostname, port, pathname, search: '', hash: '*' }) };
  };
  const here = new URLPattern({ protocol, hostname, port, pathname: '*', search: '*', hash: '*' });
  return [
    { condition: { not: { urlPattern: here } }, source: 'network' },
    { condition: { ...at(SHARE.pathname), requestMethod: 'POST', requestDestination: 'document' }, source: 'fetch-event' },
    { condition: { not: { requestMethod: 'GET' } }, source: 'network' },
    { condition: { or: Object.keys(FILES).map((file) => at(new URL(file, SCOPE).pathname)) }, source: { cacheName: CACHE } },
  ];
}

/** From the cache; where the browser has dropped it, from the network. */
async function answer(request, file) {
  const cache = await caches.open(CACHE);
  return (await cache.match(file, { ignoreVary: true })) ?? fetch(request);
}

/** Keeps a form as it came, and opens the app, which asks about it. */
async function keepShared(request) {
  let place = './#/shared';
  const check = (fits) => {
    if (!fits) throw new Error('no room for what was shared');
  };
  try {
    const bytes = await request.blob();
    check(bytes.size <= MOST_BYTES);
    const form = () => new Response(bytes, { headers: { 'Content-Type': request.headers.get('Content-Type') } });
    const parts = [...(await form().formData()).values()];
    check(parts.length <= MOST_PARTS && !parts.some((part) => part.name?.length > LONGEST_NAME));
    // One after the other: together they would all find room.
    await navigator.locks.request(SHARED, async () => {
      const cache = await caches.open(SHARED);
      check((await cache.keys()).length < MOST_WAITING);
      await cache.put(new URL(`share/${crypto.randomUUID()}`, SCOPE), form());
    });
  } catch (error) {
    console.warn(error);
    place = './#/not-shared';
  }
  return Response.redirect(new URL(place, SCOPE), 303);
}

// A new build waits until the person says so: no skipWaiting() here.
addEventListener('install', (event) => {
  event.waitUntil(fill());
  if (event.addRoutes) event.waitUntil(event.addRoutes(rules()).catch((error) => console.warn(error)));
});

addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) {
    if (name.startsWith(OWN) && name !== CACHE && name !== SHARED) await caches.delete(name);
  }
})()));

addEventListener('message', (event) => {
  if (event.data === 'put in place') skipWaiting();
});

addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  // A whole page, as the system opens it: no frame, and nothing that a script sends.
  const isShare = request.method === 'POST' && request.destination === 'document' && url.href === SHARE.href;
  if (isShare) event.respondWith(keepShared(request));
  if (request.method !== 'GET') return;
  const file = fileAt(url);
  if (file) event.respondWith(answer(request, file));
});
