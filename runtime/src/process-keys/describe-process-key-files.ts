import { readFile } from "node:fs/promises";
import type { ToldConfig } from "../config/describe-config.ts";
import { describeKey } from "../config/describe-key.ts";
import { describeProcessKeys } from "./describe-process-keys.ts";
import type { OpenProcessKeyOptions } from "./open-process-key.ts";
import { parseProcessKeys } from "./parse-process-keys.ts";

/**
 * What the record of a start says of a process's own key and of everybody's.
 *
 * @throws VivifiedError `invalid_config` for a file that holds no keys
 */
export async function describeProcessKeyFiles(
  files: Pick<OpenProcessKeyOptions, "processKeyFile" | "processKeysFile">,
): Promise<ToldConfig> {
  return {
    PROCESS_KEY: describeKey(await readFile(files.processKeyFile, "utf8"), "PROCESS_KEY_FILE"),
    PROCESS_KEYS: describeProcessKeys(parseProcessKeys(await readFile(files.processKeysFile, "utf8"))),
  };
}
