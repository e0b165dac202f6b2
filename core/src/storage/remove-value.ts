import { changeRecord } from "../audit/index.ts";
import type { PutValue, StorageChangeDeps } from "./put-value.ts";

const reason = { rule: "storage.removed", message: "A plugin removed a value of its own", fix: "" };

/** Removes a plugin's value. Removing what is not there changes nothing and is not recorded. */
export async function removeValue(
  { pluginId, key, trace }: Pick<PutValue, "pluginId" | "key" | "trace">,
  deps: StorageChangeDeps,
): Promise<void> {
  await deps.atomically(async ({ values, decisions }) => {
    if (!(await values.remove(pluginId, key))) return;
    const change = { caller: pluginId, action: "remove value", resource: "storage", trace, reason };
    await decisions.append([changeRecord(change)]);
  });
}
