import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { PlacedRecord } from "../log-records.ts";
import type { PushChunk, Receiver } from "./receiver.ts";

const compress = promisify(gzip);

/** As many of the first records as fit into one request. A record that is too large by itself goes alone: it is not dropped. */
export async function packChunk(
  records: readonly PlacedRecord[],
  { encode, maxBytes }: Pick<Receiver, "encode" | "maxBytes">,
): Promise<PushChunk> {
  for (let count = records.length; ; ) {
    const body = await compress(encode(records.slice(0, count)));
    if (body.length <= maxBytes || count <= 1) return { count, body };
    count = Math.max(1, Math.min(count - 1, Math.floor((count * maxBytes * 0.9) / body.length)));
  }
}
