// Takes every stored picture away, behind the app's back.
return new Promise((done, failed) => {
  const opening = indexedDB.open('studio');
  opening.onerror = () => failed(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    const transaction = database.transaction(['blobs'], 'readwrite');
    transaction.objectStore('blobs').clear();
    transaction.oncomplete = () => {
      database.close();
      done(true);
    };
    transaction.onabort = () => failed(transaction.error);
  };
});
