// Databases as text: for the tests of schemas.
const done = (request) => new Promise((ok, no) => { request.onsuccess = () => ok(request.result); request.onerror = () => no(request.error); });
const ended = (transaction) => new Promise((ok, no) => { transaction.oncomplete = ok; transaction.onabort = () => no(transaction.error); });

export async function lay(name, text) {
  const { version, stores } = JSON.parse(text);
  const opening = indexedDB.open(name, version);
  opening.onupgradeneeded = () => { for (const store of Object.keys(stores)) opening.result.createObjectStore(store); };
  const database = await done(opening);
  const rows = Object.entries(stores).flatMap(([store, all]) => all.map(([key, value]) => [store, key, value]));
  const whole = await Promise.all(rows.map(async ([store, key, value]) => [store, key, typeof value === 'string' ? value : await blob(value)]));
  const transaction = database.transaction(Object.keys(stores), 'readwrite');
  for (const [store, key, value] of whole) transaction.objectStore(store).put(value, key);
  await ended(transaction);
  database.close();
}

const blob = async ({ type, base64 }) => new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], { type });
const text = async (value) => {
  if (!(value instanceof Blob)) return value;
  const bytes = new Uint8Array(await value.arrayBuffer());
  return { type: value.type, base64: btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')) };
};

export async function read(name) {
  const database = await done(indexedDB.open(name));
  const stores = {};
  for (const store of [...database.objectStoreNames].sort()) {
    const rows = database.transaction(store).objectStore(store);
    const [keys, values] = await Promise.all([done(rows.getAllKeys()), done(rows.getAll())]);
    stores[store] = await Promise.all(keys.map(async (key, at) => [key, await text(values[at])]));
  }
  const { version } = database;
  database.close();
  return JSON.stringify({ version, stores });
}

export async function damage(name, store, times, seed) {
  let state = seed * 2654435761 + 1;
  const random = (n) => { state = (Math.imul(state ^ (state >>> 15), 2246822519) + 0x9e3779b9) | 0; return (state >>> 0) % n; };
  const database = await done(indexedDB.open(name));
  const transaction = database.transaction(store, 'readwrite');
  const rows = transaction.objectStore(store);
  const [keys, values] = await Promise.all([done(rows.getAllKeys()), done(rows.getAll())]);
  for (let n = 0; n < times; n += 1) {
    const at = random(keys.length);
    const json = values[at];
    const spot = random(json.length);
    const changes = [
      () => json.slice(0, spot),
      () => json.slice(0, spot) + String.fromCharCode(random(65536)) + json.slice(spot + 1),
      () => json.slice(0, spot) + json.slice(spot + 1 + random(20)),
      () => ({ text: json }),
      () => n,
      () => '',
      () => json,
    ];
    const key = random(5) === 0 ? n : `${keys[at]}-${n}`;
    rows.put(changes[random(changes.length)](), key);
  }
  const count = await done(rows.count());
  await ended(transaction);
  database.close();
  return count;
}

const create = IDBDatabase.prototype.createObjectStore;
export function refuse_new_stores(isRefused) {
  IDBDatabase.prototype.createObjectStore = isRefused ? () => { throw new DOMException('planted', 'UnknownError'); } : create;
}
