import type { TraceContext } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { changeRecord } from "../audit/index.ts";
import type { Atomically } from "../database/atomically.ts";
import type { Stores } from "../stores.ts";
import type { StoredValue, ValueStore } from "./value-store.ts";

export const maxValueBytes = 256 * 1024;
export const maxKeys = 10_000;

export type StorageChangeDeps = { readonly atomically: Atomically<Pick<Stores, "values" | "decisions">> };

export type PutValue = {
  readonly pluginId: string;
  readonly key: string;
  readonly value: unknown;
  readonly onlyIfAbsent: boolean;
  readonly trace: TraceContext;
};

const reason = { rule: "storage.stored", message: "A plugin stored a value of its own", fix: "" };

/**
 * Keeps a plugin's value under its key. The record says how large it is; keys may be about people and are not in it.
 *
 * @throws VivifiedError `too_large` 413 over the size or number a plugin may keep, `conflict` 409 when the key is there
 */
export async function putValue(put: PutValue, deps: StorageChangeDeps): Promise<StoredValue> {
  const bytes = Buffer.byteLength(JSON.stringify(put.value));
  if (bytes > maxValueBytes)
    throw new VivifiedError("too_large", { detail: `a value may have ${maxValueBytes} bytes` });
  return deps.atomically(async ({ values, decisions }) => {
    const stored = await store(put, values);
    const change = { caller: put.pluginId, action: "store value", resource: "storage", trace: put.trace, reason };
    await decisions.append([changeRecord({ ...change, labels: { bytes: String(bytes) } })]);
    return stored;
  });
}

async function store(put: PutValue, values: ValueStore): Promise<StoredValue> {
  const known = await values.get(put.pluginId, put.key);
  if (known === undefined && (await values.count(put.pluginId)) >= maxKeys) {
    throw new VivifiedError("too_large", { detail: `a plugin may keep ${maxKeys} values` });
  }
  const stored = await values.put(put.pluginId, put, put.onlyIfAbsent);
  if (stored === undefined) throw new VivifiedError("conflict", { detail: "the key is there already" });
  return stored;
}
