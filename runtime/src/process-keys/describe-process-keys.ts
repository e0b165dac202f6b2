import { describeKey } from "../config/describe-key.ts";
import type { ProcessKeys } from "./parse-process-keys.ts";

/** Says whose word counts: `<process> sha256:<hex>` for each key, by process, with commas between. */
export function describeProcessKeys(keys: ProcessKeys): string {
  const told = [...keys].flatMap(([name, own]) => own.map((key) => `${name} ${describeKey(key, "PROCESS_KEYS_FILE")}`));
  return told.toSorted().join(",");
}
