import { type LoadedPolicy, loadPolicy } from "@open-policy-agent/opa-wasm";
import type { JsonObject } from "@vivified/contracts";

export type PolicyCode = {
  readonly module: WebAssembly.Module;
  readonly moduleBytes: number;
  readonly data: JsonObject;
  readonly dataBytes: number;
  readonly maxInputBytes: number;
};

const pageBytes = 64 * 1024;
const pages = (bytes: number): number => Math.ceil(bytes / pageBytes);

/**
 * A Wasm instance with the data in it. Its memory is sized up front: OPA's allocator grows page by page, which takes
 * seconds for large data, and values take up to twenty times their JSON text. The maximum leaves room for the largest
 * question and no more, so that nothing a caller sends can make the process grow.
 */
export async function createInstance(code: PolicyCode): Promise<LoadedPolicy> {
  const initial = pages(code.moduleBytes + 20 * code.dataBytes) + 16;
  const maximum = initial + pages(48 * code.maxInputBytes);
  const instance = await loadPolicy(code.module, { initial, maximum });
  instance.setData(code.data);
  return instance;
}
