// The second file of wasm: asked for by the first when the app has started. `done` is called exactly once. Where a service
// worker has it at hand, it is fetched and compiled beside the first file.
const __SPLIT__ = (function () {
  async function compiled() {
    const reply = await fetch(new URL("./__NAME__", import.meta.url), { integrity: "__INTEGRITY__", credentials: "same-origin" });
    if (!reply.ok) throw new Error(reply.url + ": status " + reply.status);
    // While it arrives, where the host says what it is.
    if (reply.headers.get("content-type") === "application/wasm") return WebAssembly.compileStreaming(reply);
    return WebAssembly.compile(await reply.arrayBuffer());
  }
  function hasWorker() {
    // Absent in some browsers, undefined in others, and where a page may have none, looking throws.
    try {
      return Boolean(navigator.serviceWorker && navigator.serviceWorker.controller);
    } catch (error) {
      return false;
    }
  }
  let early = hasWorker() ? compiled() : null;
  // Said below, if the app asks for it at all.
  if (early) early.catch(function () {});
  return {
    __wasm_split_load_rest: async function (done, data) {
      let come = false;
      for (const wait of [0, 1000, 4000, 15000]) {
        try {
          if (wait > 0) await new Promise(function (next) { setTimeout(next, wait); });
          const module = await (early || compiled());
          await WebAssembly.instantiate(module, { __wasm_split: wasm });
          come = true;
          break;
        } catch (error) {
          console.error(error);
        }
        early = null;
      }
      wasm.__indirect_function_table.get(done)(data, come);
    },
  };
})();
