import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { RecordPage, RecordQuery } from "@vivified/contracts";
import type { AdminApi } from "../../platform/admin-api.ts";

/** Records of a file, one JSON text a line; `-` is standard input. A line that is no JSON comes as `undefined`. */
export async function* recordsOfFile(path: string): AsyncGenerator<unknown> {
  const input = path === "-" ? process.stdin : createReadStream(path);
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() !== "") yield parsed(line);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Records that core keeps, oldest first, page by page: one page is in memory at a time. */
export async function* recordsOfCore(core: AdminApi, query: RecordQuery): AsyncGenerator<unknown> {
  let after: string | undefined;
  do {
    const asked = { limit: pageSize, ...query, ...(after !== undefined && { after }) };
    const pairs = Object.entries(asked).map(([name, value]) => [name, String(value)] as [string, string]);
    const page = await core.call<RecordPage>("GET", `/admin/decisions/records?${new URLSearchParams(pairs)}`);
    yield* page.records;
    after = page.next;
  } while (after !== undefined);
}

const pageSize = 1000;
