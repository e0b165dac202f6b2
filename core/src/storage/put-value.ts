import { VivifiedError } from "@vivified/runtime";
import type { StoredValue, ValueStore } from "./value-store.ts";

export const maxValueBytes = 256 * 1024;
export const maxKeys = 10_000;

export type PutValue = {
  readonly pluginId: string;
  readonly key: string;
  readonly value: unknown;
  readonly onlyIfAbsent: boolean;
};

/**
 * Keeps a plugin's value under its key.
 *
 * @throws VivifiedError `too_large` 413 over the size or number a plugin may keep, `conflict` 409 when the key is there
 */
export async function putValue(put: PutValue, values: ValueStore): Promise<StoredValue> {
  if (Buffer.byteLength(JSON.stringify(put.value)) > maxValueBytes) {
    throw new VivifiedError("too_large", { detail: `a value may have ${maxValueBytes} bytes` });
  }
  const known = await values.get(put.pluginId, put.key);
  if (known === undefined && (await values.count(put.pluginId)) >= maxKeys) {
    throw new VivifiedError("too_large", { detail: `a plugin may keep ${maxKeys} values` });
  }
  const stored = await values.put(put.pluginId, put, put.onlyIfAbsent);
  if (stored === undefined) throw new VivifiedError("conflict", { detail: "the key is there already" });
  return stored;
}
