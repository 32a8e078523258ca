// The second file of wasm: asked for by the first when the app has started. `done` is called exactly once.
const __SPLIT__ = {
  __wasm_split_load_rest: async function (done, data) {
    let come = false;
    for (const wait of [0, 1000, 4000, 15000]) {
      try {
        await new Promise(function (next) { setTimeout(next, wait); });
        const reply = await fetch(new URL("./__NAME__", import.meta.url), { integrity: "__INTEGRITY__", credentials: "same-origin" });
        if (!reply.ok) throw new Error(reply.url + ": status " + reply.status);
        await WebAssembly.instantiate(await reply.arrayBuffer(), { __wasm_split: wasm });
        come = true;
        break;
      } catch (error) {
        console.error(error);
      }
    }
    wasm.__indirect_function_table.get(done)(data, come);
  },
};
