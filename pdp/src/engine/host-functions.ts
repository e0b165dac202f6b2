import type { HostBuiltins } from "../builtins/host-builtin.ts";
import type { ModuleExports } from "./module-exports.ts";
import { bytesOf, textAt } from "./wasm-text.ts";

/** The policy itself gave up, with what OPA said. */
export class PolicyAbort extends Error {
  override readonly name = "PolicyAbort";
}

/** What is known of a module only after it was instantiated with these functions. */
export type Linked = { readonly exports: ModuleExports; readonly builtins: ReadonlyMap<number, string> };

/** A call of the host takes as many steps as this, and one more for each byte that goes over. */
const stepsOfCall = 100;

/** The functions that a module imports, by OPA's Wasm ABI. Values go over as JSON text, so no number is bent. */
export function hostFunctions(memory: WebAssembly.Memory, host: HostBuiltins, linked: () => Linked) {
  const call = (id: number, _context: number, ...addresses: number[]): number => {
    const { exports, builtins } = linked();
    const name = builtins.get(id) ?? String(id);
    const builtin = host.get(name);
    if (builtin === undefined) throw new PolicyAbort(`the engine has no builtin ${name}`);
    const given = addresses.map((address) => textAt(memory, exports.opa_json_dump(address)));
    const result = builtin(...given);
    spend(exports, given.concat(result ?? "").join("").length);
    return result === undefined ? 0 : load(memory, exports, result);
  };
  const abort = (address: number) => {
    throw new PolicyAbort(textAt(memory, address));
  };
  const calls = Object.fromEntries([0, 1, 2, 3, 4].map((arity) => [`opa_builtin${arity}`, call]));
  return { memory, ...calls, opa_abort: abort, opa_println: () => undefined };
}

/**
 * Puts a JSON text into the module's memory as a value, and gives its address.
 *
 * @throws PolicyAbort when it is not JSON
 */
export function load(memory: WebAssembly.Memory, exports: ModuleExports, json: string): number {
  const bytes = bytesOf(json);
  const address = exports.opa_malloc(bytes.length);
  new Uint8Array(memory.buffer).set(bytes, address);
  const value = exports.opa_json_parse(address, bytes.length);
  if (value === 0) throw new PolicyAbort("a value is not JSON");
  return value;
}

function spend({ fuel }: ModuleExports, bytes: number): void {
  fuel.value = Math.max(0, (fuel.value >>> 0) - stepsOfCall - bytes);
}
