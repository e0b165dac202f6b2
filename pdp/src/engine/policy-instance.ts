import type { JsonObject } from "@vivified/contracts";
import type { HostBuiltins } from "../builtins/host-builtin.ts";
import { bundleRefused } from "../bundle/bundle-refused.ts";
import { hostFunctions, type Linked, load } from "./host-functions.ts";
import { readExports } from "./module-exports.ts";
import { textAt } from "./wasm-text.ts";

export type PolicyCode = {
  /** What `compilePolicy` gave. */
  readonly module: WebAssembly.Module;
  readonly moduleBytes: number;
  readonly data: JsonObject;
  readonly dataBytes: number;
  readonly maxInputBytes: number;
  readonly builtins: HostBuiltins;
};

/** A module with its data, ready to be asked. Anything that it throws makes it useless. */
export type PolicyInstance = {
  /** OPA's result set for a rule, as JSON, within so many steps. */
  readonly evaluate: (rule: string, input: Uint8Array, steps: number) => string;
  readonly stepsLeft: () => number;
  /** Memory in pages of 64 KiB: at first, and now. */
  readonly initialPages: number;
  readonly pages: () => number;
};

const pageBytes = 64 * 1024;
const pages = (bytes: number): number => Math.ceil(bytes / pageBytes);

/** Nothing is given back within an evaluation: four MiB for what rules put together. */
const workingPages = 64;

/** Data comes from a bundle that somebody signed: as many steps as there are to load it. */
const stepsToLoad = 2 ** 32 - 1;

/**
 * A Wasm instance with the data in it. Its memory is sized up front: OPA's allocator grows page by page, which takes
 * seconds for large data, and values take up to twenty times their JSON text. The maximum leaves room for the largest
 * question and for what rules make of it, so that nothing a caller sends can make the process grow.
 *
 * @throws VivifiedError `policy_bundle_refused` `not_runnable` when the module is not one of OPA's, or asks for a
 *   builtin that the engine has not
 */
export async function createInstance(code: PolicyCode): Promise<PolicyInstance> {
  const initial = pages(code.moduleBytes + 20 * code.dataBytes + code.maxInputBytes) + 16;
  const maximum = initial + pages(48 * code.maxInputBytes) + workingPages;
  const memory = new WebAssembly.Memory({ initial, maximum });
  const { exports, entrypoints } = await link(code, memory);
  const data = load(memory, exports, JSON.stringify(code.data));
  const heap = exports.opa_heap_ptr_get();
  return {
    evaluate: (rule, input, steps) => {
      exports.fuel.value = steps;
      new Uint8Array(memory.buffer).set(input, heap);
      const entrypoint = entrypoints.get(rule);
      if (entrypoint === undefined) return "[]";
      const end = heap + input.length;
      return textAt(memory, exports.opa_eval(0, entrypoint, data, heap, input.length, end, 0));
    },
    stepsLeft: () => exports.fuel.value >>> 0,
    initialPages: initial,
    pages: () => memory.buffer.byteLength / pageBytes,
  };
}

async function link(code: PolicyCode, memory: WebAssembly.Memory) {
  let linked: Linked | undefined;
  const env = hostFunctions(memory, code.builtins, () => linked ?? notLinked());
  const exports = readExports(await WebAssembly.instantiate(code.module, { env }));
  exports.fuel.value = stepsToLoad;
  const table = (address: number): [string, number][] =>
    Object.entries(JSON.parse(textAt(memory, exports.opa_json_dump(address))));
  const asked = table(exports.builtins());
  const [missing] = asked.find(([name]) => !code.builtins.has(name)) ?? [];
  if (missing !== undefined) throw bundleRefused("not_runnable", `the engine has no builtin ${missing}`);
  linked = { exports, builtins: new Map(asked.map(([name, id]) => [id, name])) };
  return { exports, entrypoints: new Map(table(exports.entrypoints())) };
}

function notLinked(): never {
  throw new Error("a module called its host before it was linked");
}
