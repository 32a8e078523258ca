// Takes the service worker away. Published under the name sw.js, it is what every browser fetches next: then the app comes from
// the server again. It deletes the kept builds of this copy and nothing else: pictures, records and settings stay, and so does
// what another app has shared and the person has not been asked about.

const OWN = `pentimento ${new URL('./', location.href).pathname} `;

addEventListener('install', () => skipWaiting());

addEventListener('activate', (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) {
    if (name.startsWith(OWN) && name !== `${OWN}shared`) await caches.delete(name);
  }
  await registration.unregister();
  // Something that runs may have been paid for (src/state/update.rs): then no page is loaded anew.
  const { held } = await navigator.locks.query();
  if (held.some((lock) => lock.name === 'pentimento-at-work')) return;
  for (const page of await clients.matchAll({ type: 'window' })) {
    // With what follows the `#` it would be no load.
    await page.navigate(page.url.split('#')[0]).catch(() => {});
  }
})()));
