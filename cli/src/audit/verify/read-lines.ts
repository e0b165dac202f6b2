import { MalformedExport } from "./malformed-export.ts";
import { openPlain } from "./open-plain.ts";

/** Far more than a record can have. */
const maxLineBytes = 16 * 1024 * 1024;
const newline = 0x0a;

/** The lines of a file, bytes that are no UTF-8 replaced; one line is in memory at a time. No file has no lines. */
export async function* readLines(path: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunksOf(path)) {
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
      yield bytes.toString("utf8", from, end);
      from = end + 1;
    }
    rest = bytes.subarray(from);
    if (rest.length > maxLineBytes) throw new MalformedExport("has a line without end", "records.ndjson");
  }
  if (rest.length > 0) yield rest.toString("utf8");
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  const handle = await openPlain(path);
  if (handle === undefined) return;
  yield* handle.createReadStream({ highWaterMark: 1024 * 1024 });
}
