// What the database holds of the picture of a prompt: 'nothing', 'torn', or the bytes and a sum of them.
const [prompt] = arguments;
return (async () => {
  const done = (request) => new Promise((ok, no) => { request.onsuccess = () => ok(request.result); request.onerror = () => no(request.error); });
  const database = await done(indexedDB.open('studio'));
  try {
    const transaction = database.transaction(['pictures', 'blobs', 'attempts']);
    const rows = async (store) => (await done(transaction.objectStore(store).getAll())).map((row) => JSON.parse(row));
    const [picture, attempts] = [(await rows('pictures')).find((row) => row.request.prompt === prompt), await rows('attempts')];
    if (!picture) return 'nothing';
    const blob = await done(transaction.objectStore('blobs').get(picture.blob));
    const attempt = attempts.find((row) => row.id === picture.attempt);
    if (!blob || attempt?.state !== 'done') return 'torn';
    const bytes = new Uint8Array(await blob.arrayBuffer());
    if (bytes.length !== picture.bytes) return 'torn';
    let sum = 0;
    for (const byte of bytes) sum = (Math.imul(sum, 31) + byte) >>> 0;
    return [bytes.length, sum];
  } finally {
    database.close();
  }
})();
