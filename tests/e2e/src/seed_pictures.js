// Puts pictures into the app's database as it would itself: arguments[0] of them, an hour apart, each a square of
// arguments[1] pixels: a blend of two colours under a grain of arguments[2] steps (0: none; 256: noise that no format makes
// smaller). Where arguments[3] says so, each file is another one, kept under its own hash.
const [count, edge, grain, own] = arguments;
return (async () => {
  const opening = indexedDB.open('studio');
  const db = await new Promise((done, failed) => {
    opening.onsuccess = () => done(opening.result);
    opening.onerror = () => failed(opening.error);
  });
  const all = (store) => new Promise((done) => {
    const asked = db.transaction(store).objectStore(store).getAll();
    asked.onsuccess = () => done(asked.result);
  });
  const [row] = (await all('pictures')).map((text) => JSON.parse(text));
  const subjects = ['a red umbrella', 'a sleeping cat', '赤い傘', 'a mountain lake'];
  const models = ['gpt-image-1-mini', 'gpt-image-2'];
  const canvas = new OffscreenCanvas(edge, edge);
  const brush = canvas.getContext('2d');
  const one = async (i) => {
    const blend = brush.createLinearGradient(0, 0, edge, edge);
    blend.addColorStop(0, `hsl(${(i * 37) % 360} 60% 30%)`);
    blend.addColorStop(1, `hsl(${(i * 37 + 160) % 360} 60% 70%)`);
    brush.fillStyle = blend;
    brush.fillRect(0, 0, edge, edge);
    if (grain > 0) {
      const pixels = brush.getImageData(0, 0, edge, edge);
      pixels.data.forEach((value, at, all) => { if (at % 4 < 3) all[at] = value + (Math.random() - 0.5) * grain; });
      brush.putImageData(pixels, 0, 0);
    }
    return canvas.convertToBlob();
  };
  const hash = async (blob) => {
    const digest = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer());
    return [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, '0')).join('');
  };
  for (let from = 0; from < count; from += 500) {
    const shared = await one(from);
    const files = [];
    for (let i = from; i < Math.min(count, from + 500); i += 1) {
      // What is seen first is drawn one by one: a browser decodes the same picture only once.
      const blob = i < 40 ? await one(i) : shared;
      // Behind its end a picture may have anything.
      const file = own ? new Blob([blob, String(i)], { type: blob.type }) : blob;
      files.push([own ? await hash(file) : i.toString(16).padStart(64, '0'), file]);
    }
    const tx = db.transaction(['pictures', 'blobs'], 'readwrite');
    for (let i = from; i < Math.min(count, from + 500); i += 1) {
      const made = row.made - (i + 1) * 3600000;
      const hex = made.toString(16).padStart(12, '0');
      const id = `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${String(i).padStart(12, '0')}`;
      const [key, file] = files[i - from];
      const request = { ...row.request, prompt: `${subjects[i % 4]} ${i}`, model: models[i % 2] };
      const record = { ...row, id, blob: key, made, request, provider: 'openai', cost: i % 5 === 0 ? null : i * 1e8, width: edge, height: edge, bytes: file.size };
      tx.objectStore('pictures').put(JSON.stringify(record), id);
      tx.objectStore('blobs').put(file, key);
    }
    await new Promise((done, failed) => {
      tx.oncomplete = done;
      tx.onabort = () => failed(tx.error);
    });
  }
  db.close();
  return true;
})();
