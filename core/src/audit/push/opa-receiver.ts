import { opaEvent } from "./opa-event.ts";
import { type PushHttp, postChunk } from "./post-chunk.ts";
import type { PushAnswer, Receiver } from "./receiver.ts";

/** A receiver of OPA's decision logs: `POST <url>/logs` with a gzipped JSON array; any 2xx means that it has them. */
export function opaReceiver(http: PushHttp, maxBytes: number): Receiver {
  const url = new URL(http.url);
  url.pathname = `${url.pathname.replace(/\/$/, "")}/logs`;
  return {
    name: `opa ${url.origin}${url.pathname}`,
    kind: "opa",
    maxBytes,
    encode: (records) => JSON.stringify(records.map(opaEvent)),
    send: ({ body }, signal) => postChunk({ ...http, url }, { body, signal, read: () => taken }),
  };
}

const taken: PushAnswer = { outcome: "taken" };
