import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { maxBytesOf, recordsName } from "./export-names.ts";
import { MalformedExport } from "./malformed-export.ts";
import { openPlain } from "./open-plain.ts";
import { readLines } from "./read-lines.ts";
import { unpackExport } from "./unpack-export.ts";

/** The files of an export, by name. */
export type ExportFiles = AsyncDisposable & {
  /** Undefined when there is none. @throws MalformedExport when it is larger than such a file can be, or no file */
  readonly read: (name: string) => Promise<Buffer | undefined>;
  /** The lines of `records.ndjson`, read from the beginning. @throws MalformedExport for a line without end */
  readonly lines: () => AsyncGenerator<string>;
};

/** Opens a directory, or unpacks an archive into a temporary one. @throws Error when there is nothing there */
export async function openExport(path: string): Promise<ExportFiles> {
  const found = await stat(path);
  if (found.isDirectory()) return filesIn(path, async () => undefined);
  const directory = await mkdtemp(join(tmpdir(), "vivified-export-"));
  const remove = () => rm(directory, { recursive: true, force: true });
  try {
    await unpackExport(path, directory);
    return filesIn(directory, remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

function filesIn(directory: string, dispose: () => Promise<void>): ExportFiles {
  return {
    read: (name) => readWhole(directory, name),
    lines: () => readLines(join(directory, recordsName)),
    [Symbol.asyncDispose]: dispose,
  };
}

async function readWhole(directory: string, name: string): Promise<Buffer | undefined> {
  const handle = await openPlain(join(directory, name));
  if (handle === undefined) return undefined;
  try {
    const found = await handle.stat();
    if (!found.isFile()) throw new MalformedExport("is no file", name);
    if (found.size > (maxBytesOf(name) ?? 0)) throw new MalformedExport(`has ${found.size} bytes`, name);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
