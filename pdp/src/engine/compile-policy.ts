import { notMeterable } from "../metering/cursor.ts";
import { meterModule } from "../metering/meter-module.ts";

/**
 * Compiles a policy's module with metering in it. It is compiled as it came first, which validates it: a module that
 * reached for the meter would name a global that it does not have.
 *
 * @throws VivifiedError `policy_bundle_refused` `not_runnable` when it cannot be metered; CompileError when it is no Wasm
 */
export async function compilePolicy(bytes: Uint8Array): Promise<WebAssembly.Module> {
  const given = await WebAssembly.compile(new Uint8Array(bytes));
  const foreign = WebAssembly.Module.imports(given).find(({ kind }) => kind !== "function" && kind !== "memory");
  if (foreign !== undefined) throw notMeterable(`it imports the ${foreign.kind} ${foreign.name}`);
  return WebAssembly.compile(meterModule(bytes));
}
