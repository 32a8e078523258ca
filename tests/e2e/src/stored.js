// Rows of the app's database: reads a store (arguments[0]) from a key to another, or, with a key and a text, writes one.
const [store, first, last, key, text] = arguments;
return new Promise((done, failed) => {
  const opening = indexedDB.open('studio');
  opening.onerror = () => failed(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    const transaction = database.transaction([store], key === undefined ? 'readonly' : 'readwrite');
    const rows = transaction.objectStore(store);
    if (key !== undefined) rows.put(text, key);
    const range = IDBKeyRange.bound(first, last);
    const [keys, values] = [rows.getAllKeys(range), rows.getAll(range)];
    transaction.oncomplete = () => {
      database.close();
      done(keys.result.map((name, at) => [name, values.result[at]]));
    };
    transaction.onabort = () => failed(transaction.error);
  };
});
