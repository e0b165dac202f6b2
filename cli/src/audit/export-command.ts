import { createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { openCore } from "../core/open-core.ts";
import type { ExportOptions } from "./export-options.ts";
import { exportPath } from "./export-path.ts";

/** `vivified audit export`: the file appears when it is whole, never as a part. @throws AdminApiError when core refuses */
export async function exportCommand(options: ExportOptions): Promise<number> {
  const { output, format } = options;
  const path = await exportPath(options);
  await using core = await openCore(options);
  const answer = await core.stream(path);
  if (output === "-") {
    await pipeline(answer, process.stdout, { end: false });
    return 0;
  }
  const bytes = await writeWhole(answer, output);
  console.log(options.json ? JSON.stringify({ output, format, bytes }) : `${output}: ${bytes} bytes of ${format}`);
  return 0;
}

/** Beside the file, then in its place: the size in bytes. */
async function writeWhole(answer: Readable, path: string): Promise<number> {
  const partial = `${path}.partial-${process.pid}`;
  try {
    await pipeline(answer, createWriteStream(partial, { mode: 0o600 }));
    await rename(partial, path);
    return (await stat(path)).size;
  } finally {
    await rm(partial, { force: true });
  }
}
