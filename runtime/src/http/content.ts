import type { FastifyInstance, FastifyRequest } from "fastify";
import { VivifiedError } from "../errors/vivified-error.ts";
import { type JsonLimits, parseStrictJson } from "../json/parse-strict-json.ts";

/** JSON and nothing else: parsed strictly; any other content type is 415. */
export function acceptOnlyStrictJson(server: FastifyInstance, limits: JsonLimits): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser<Buffer>(
    /^application\/(?:json|[a-z0-9.-]+\+json)(?:\s*;\s*charset=utf-8)?$/i,
    { parseAs: "buffer" }, // the server's limit holds, or a route's smaller one
    async (_request: FastifyRequest, body: Buffer) => parseStrictJson(decode(body), limits),
  );
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(body: Buffer): string {
  try {
    return utf8.decode(body);
  } catch (cause) {
    throw new VivifiedError("malformed", { detail: "the body is not UTF-8", cause });
  }
}
