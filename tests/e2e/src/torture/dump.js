// All that the app's database holds, in one transaction: of each store the keys with their rows, of Blobs their size and hash.
// Under `files` the files of the page's private folder: their size, and whether they end as an archive does.
return (async () => {
  const request = indexedDB.open('studio');
  const database = await new Promise((done, failed) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  const names = [...database.objectStoreNames];
  const transaction = database.transaction(names);
  const asked = names.map((name) => {
    const store = transaction.objectStore(name);
    return [name, store.getAllKeys(), store.getAll()];
  });
  await new Promise((done, failed) => {
    transaction.oncomplete = done;
    transaction.onabort = () => failed(transaction.error);
  });
  const hex = (hash) => [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const shown = async (value) => {
    if (!(value instanceof Blob)) return value;
    try {
      return { bytes: value.size, sha256: hex(await crypto.subtle.digest('SHA-256', await value.arrayBuffer())) };
    } catch (unreadable) {
      return { bytes: value.size, sha256: String(unreadable) };
    }
  };
  const all = {};
  for (const [name, keys, values] of asked) {
    all[name] = [];
    for (let at = 0; at < keys.result.length; at += 1) all[name].push([keys.result[at], await shown(values.result[at])]);
  }
  database.close();
  all.files = [];
  for await (const [name, handle] of (await navigator.storage.getDirectory()).entries()) {
    if (handle.kind !== 'file') continue;
    const file = await handle.getFile();
    const end = new Uint8Array(await file.slice(-22).arrayBuffer());
    all.files.push([name, { bytes: file.size, whole: [80, 75, 5, 6].every((byte, at) => end[at] === byte) }]);
  }
  return all;
})();
