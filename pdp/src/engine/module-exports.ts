import { bundleRefused } from "../bundle/bundle-refused.ts";
import { fuelExport } from "../metering/meter-module.ts";

const functions = [
  ...["opa_malloc", "opa_json_parse", "opa_json_dump", "opa_heap_ptr_get", "opa_eval"],
  ...["builtins", "entrypoints"],
] as const;

type WasmFunction = (...values: number[]) => number;

/** What the engine uses of a module, by OPA's Wasm ABI 1.2, and the meter that was written into it. */
export type ModuleExports = Readonly<Record<(typeof functions)[number], WasmFunction>> & {
  /** Its steps left, as a number of 32 bits. */
  readonly fuel: WebAssembly.Global;
};

/**
 * Reads an instance's exports.
 *
 * @throws VivifiedError `policy_bundle_refused` `not_runnable` when one is missing, or the ABI is another
 */
export function readExports({ exports }: WebAssembly.Instance): ModuleExports {
  const [major, minor] = ["opa_wasm_abi_version", "opa_wasm_abi_minor_version"].map((name) => numberIn(exports[name]));
  if (major !== 1 || minor === undefined || minor < 2) throw notOurs(`its ABI is ${major}.${minor}`);
  const missing = functions.find((name) => typeof exports[name] !== "function");
  if (missing !== undefined) throw notOurs(`it has no ${missing}`);
  const fuel = exports[fuelExport];
  if (!(fuel instanceof WebAssembly.Global)) throw notOurs("it is not metered");
  return { ...(exports as Record<(typeof functions)[number], WasmFunction>), fuel };
}

const numberIn = (value: unknown): number | undefined =>
  value instanceof WebAssembly.Global ? value.value : undefined;

const notOurs = (why: string) => bundleRefused("not_runnable", `its module is not one of OPA's: ${why}`);
