import { createReadStream } from "node:fs";
import { opendir } from "node:fs/promises";
import { join, relative } from "node:path";
import { createInterface } from "node:readline";
import { pipeline } from "node:stream/promises";
import { VivifiedError } from "@vivified/runtime";
import { backupFile, digestOf, requireWhole } from "./backup-files.ts";
import { isInside } from "./backup-manifest.ts";

/** The files of a log are too many for a manifest, which is one text: each has a line here, as `sha256sum -c` reads it. */
export const logList = "log.sha256";

/** Writes the list of what lies in the log of a backup. */
export function listLog(directory: string): Promise<void> {
  return pipeline(linesOf(directory), backupFile(join(directory, logList)));
}

async function* linesOf(directory: string) {
  for await (const entry of await opendir(join(directory, "log"), { recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    yield `${await digestOf(path)}  ${relative(directory, path)}\n`;
  }
}

/** @throws VivifiedError `malformed` naming the first file of the list that is not what was written */
export async function requireListed(directory: string): Promise<void> {
  for await (const line of createInterface({ input: createReadStream(join(directory, logList)) })) {
    const [, sha256 = "", path = ""] = /^([0-9a-f]{64}) {2}(log\/.+)$/.exec(line) ?? [];
    if (!isInside(path) || sha256 === "")
      throw new VivifiedError("malformed", { detail: `${logList} is no list of files` });
    await requireWhole(directory, { path, sha256 });
  }
}
