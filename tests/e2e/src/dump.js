// The app's whole database as text: its version, and each store's keys and values, Blobs in base64.
return (async () => {
  const done = (request) => new Promise((ok, no) => { request.onsuccess = () => ok(request.result); request.onerror = () => no(request.error); });
  const database = await done(indexedDB.open('studio'));
  const text = async (value) => {
    if (!(value instanceof Blob)) return value;
    const bytes = new Uint8Array(await value.arrayBuffer());
    return { type: value.type, base64: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')) };
  };
  const stores = {};
  for (const store of [...database.objectStoreNames].sort()) {
    const rows = database.transaction(store).objectStore(store);
    const [keys, values] = await Promise.all([done(rows.getAllKeys()), done(rows.getAll())]);
    stores[store] = await Promise.all(keys.map(async (key, at) => [key, await text(values[at])]));
  }
  const { version } = database;
  database.close();
  return { version, stores };
})();
