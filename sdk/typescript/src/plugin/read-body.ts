import type { IncomingMessage } from "node:http";
import { isJsonObject, type JsonObject, parseJson } from "../json.ts";

/** A request whose body is not a JSON object of acceptable size. */
export class BodyError extends Error {
  override readonly name = "BodyError";
  readonly status: 400 | 413 | 415;
  readonly code: "malformed" | "too_large" | "unsupported_media_type";

  constructor(status: BodyError["status"], code: BodyError["code"]) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

/** Reads a JSON object of at most `maxBytes`. @throws BodyError 400, 413 or 415 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<JsonObject> {
  const mediaType = request.headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType !== "application/json") throw new BodyError(415, "unsupported_media_type");
  const body = parseJson(decode(await readBytes(request, maxBytes)));
  if (!isJsonObject(body)) throw new BodyError(400, "malformed");
  return body;
}

async function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw new BodyError(413, "too_large");
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length;
    if (size > maxBytes) throw new BodyError(413, "too_large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new BodyError(400, "malformed");
  }
}
