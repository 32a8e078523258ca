// What the app has kept: the rows of each store that a backup holds, and the SHA-256 of every stored picture by its key.
return (async () => {
  const opening = indexedDB.open('studio');
  const db = await new Promise((done, failed) => {
    opening.onsuccess = () => done(opening.result);
    opening.onerror = () => failed(opening.error);
  });
  const asked = (request) => new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const state = {};
  for (const name of ['pictures', 'trash', 'attempts', 'ledger', 'blobs', 'drafts', 'jobs']) {
    const store = db.transaction(name).objectStore(name);
    const [keys, values] = await Promise.all([asked(store.getAllKeys()), asked(store.getAll())]);
    state[name] = {};
    for (const [at, key] of keys.entries()) {
      const value = values[at];
      if (value instanceof Blob) {
        const digest = await crypto.subtle.digest('SHA-256', await value.arrayBuffer());
        state[name][key] = [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, '0')).join('');
      } else state[name][key] = value;
    }
  }
  db.close();
  return state;
})();
