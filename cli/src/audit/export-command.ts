import { createWriteStream } from "node:fs";
import { rename, rm, stat } from "node:fs/promises";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { LineFormat } from "@vivified/contracts";
import type { CoreOptions } from "../core/core-options.ts";
import { openCore } from "../core/open-core.ts";
import { timeOf } from "../core/time-of.ts";

export type ExportOptions = CoreOptions & {
  readonly output: string;
  readonly format: LineFormat;
  readonly since?: string;
  readonly until?: string;
  readonly lane?: string;
  readonly caller?: string;
  readonly target?: string;
  readonly effect?: string;
  readonly rule?: string;
  readonly json?: boolean;
};

/** `vivified audit export`: the file appears when it is whole, never as a part. @throws AdminApiError when core refuses */
export async function exportCommand(options: ExportOptions): Promise<number> {
  const { output, format } = options;
  const path = `/admin/audit/export?${queryOf(options)}`;
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

function queryOf({ format, since, until, lane, caller, target, effect, rule }: ExportOptions): URLSearchParams {
  const times = { since: since && timeOf(since), until: until && timeOf(until) };
  const query = new URLSearchParams({ format });
  for (const [name, value] of Object.entries({ ...times, lane, caller, target, effect, rule })) {
    if (value !== undefined) query.set(name, value);
  }
  return query;
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
