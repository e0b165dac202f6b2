import { pipeline, Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { VivifiedError } from "@vivified/runtime";

/** A reply's body as it is after decoding, or as it came when nobody here knows its encoding. */
export type ReplyBytes = { readonly bytes: Buffer; readonly decoded: boolean };

const decoders = {
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
} as const;

/**
 * Reads a body and undoes its content encoding, up to `maxBytes` on the wire and `maxBytes` decoded; it stops reading at
 * the first byte too many, so a small bomb stays small.
 *
 * @throws VivifiedError `upstream_failed` 502: too large, or not what its encoding says
 */
export async function readReply(body: Readable, encoding: string | undefined, maxBytes: number): Promise<ReplyBytes> {
  const decoder = decoderOf(encoding);
  const wire = limited(body, maxBytes);
  const chunks: Buffer[] = [];
  for await (const chunk of decoder === undefined ? wire : limited(decode(wire, decoder()), maxBytes))
    chunks.push(chunk);
  return { bytes: Buffer.concat(chunks), decoded: decoder !== undefined || isIdentity(encoding) };
}

/** Errors of either side end the loop that reads; leaving the loop early ends both. */
function decode(wire: AsyncIterable<Buffer>, decoder: Transform): AsyncIterable<Buffer> {
  return pipeline(Readable.from(wire), decoder, () => undefined);
}

async function* limited(source: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer, void> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > maxBytes) {
      throw new VivifiedError("upstream_failed", { detail: `the reply is larger than ${maxBytes} bytes` });
    }
    yield chunk;
  }
}

function decoderOf(encoding: string | undefined) {
  const name = encoding?.trim().toLowerCase() ?? "";
  return Object.hasOwn(decoders, name) ? decoders[name as keyof typeof decoders] : undefined;
}

function isIdentity(encoding: string | undefined): boolean {
  return ["", "identity"].includes(encoding?.trim().toLowerCase() ?? "");
}
