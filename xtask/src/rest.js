// The second file of wasm: asked for by the first when the app has started. `done` is called exactly once. Where a service
// worker has it at hand, the page has begun to compile it already (public/boot.js).
const __SPLIT__ = (function () {
  async function fetched() {
    const place = document.getElementById("__PLACE__");
    const reply = await fetch(place.content, { integrity: place.dataset.integrity, credentials: "same-origin" });
    if (!reply.ok) throw new Error(reply.url + ": status " + reply.status);
    // While it arrives, where the host says what it is.
    if (reply.headers.get("content-type") === "application/wasm") return WebAssembly.compileStreaming(reply);
    return WebAssembly.compile(await reply.arrayBuffer());
  }
  return {
    __wasm_split_load_rest: async function (done, data) {
      let come = false;
      let begun = document.compiling;
      for (const wait of [0, 1000, 4000, 15000]) {
        try {
          if (wait > 0) await new Promise(function (next) { setTimeout(next, wait); });
          const module = await begun || await fetched();
          await WebAssembly.instantiate(module, { __wasm_split: wasm });
          come = true;
          break;
        } catch (error) {
          console.error(error);
        }
        begun = null;
      }
      wasm.__indirect_function_table.get(done)(data, come);
    },
  };
})();
