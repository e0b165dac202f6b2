import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What the Go program of `tools/tlog` said: `ok …` on the way out, or why not. */
export type OutsideVerdict = { readonly ok: boolean; readonly says: string };

/** Path of the program that `tools/run.mjs` names. */
export function tlogCheckPath(): string {
  const path = process.env.VIVIFIED_TLOG_CHECK;
  if (path === undefined) throw new Error("VIVIFIED_TLOG_CHECK is not set: run tests with npm test");
  return path;
}

/** Runs the outside verifier: golang.org/x/mod's sumdb and filippo.io/torchwood. */
export function askOutside(...args: readonly string[]): Promise<OutsideVerdict> {
  return new Promise((resolve) => {
    execFile(tlogCheckPath(), args, { timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({ ok: error === null, says: (stdout + stderr).trim() });
    });
  });
}

/** Puts files of a log below a directory, by their path. */
export async function writeLog(directory: string, files: ReadonlyMap<string, Uint8Array | string>): Promise<void> {
  for (const [path, bytes] of files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), bytes);
  }
}
