/**
 * The part of the WebAssembly JavaScript interface (https://www.w3.org/TR/wasm-js-api-2/) that the engine uses. Node has
 * all of it; its types come only with the browser's, which do not belong in a server.
 */
declare namespace WebAssembly {
  class Module {
    readonly [Symbol.toStringTag]: "WebAssembly.Module";
  }
  class RuntimeError extends Error {}
  function compile(bytes: Uint8Array): Promise<Module>;
}
