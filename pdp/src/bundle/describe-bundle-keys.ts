import { describeKey } from "@vivified/runtime";
import type { BundleKeys } from "./bundle-keys.ts";

/** Says whose bundles are believed: `<key id> sha256:<hex>` each, by id, with commas between. */
export function describeBundleKeys(keys: BundleKeys): string {
  const told = [...keys].map(([id, { key }]) => `${id} ${describeKey(key, "POLICY_KEYS_FILE")}`);
  return told.toSorted().join(",");
}
