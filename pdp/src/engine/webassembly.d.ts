/**
 * The part of the WebAssembly JavaScript interface (https://www.w3.org/TR/wasm-js-api-2/) that the engine uses. Node has
 * all of it; its types come only with the browser's, which do not belong in a server.
 */
declare namespace WebAssembly {
  class Module {
    readonly [Symbol.toStringTag]: "WebAssembly.Module";
    static imports(module: Module): { readonly module: string; readonly name: string; readonly kind: string }[];
  }
  class RuntimeError extends Error {}
  class Memory {
    constructor(size: { readonly initial: number; readonly maximum: number });
    readonly buffer: ArrayBuffer;
  }
  class Global {
    constructor(type: { readonly value: "i32"; readonly mutable: boolean }, value: number);
    value: number;
  }
  type Instance = { readonly exports: Readonly<Record<string, unknown>> };
  function compile(bytes: Uint8Array): Promise<Module>;
  function instantiate(module: Module, imports: { readonly env: Readonly<Record<string, unknown>> }): Promise<Instance>;
}
