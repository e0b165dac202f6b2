import { Agent, fetch } from "undici";
import type { Fetch } from "./lane.ts";

const maxReplyBytes = 16 * 1024 * 1024;

/** `fetch` with connections of its own: replies are cut at 16 MiB, proxy settings of the environment are ignored. */
export function openFetch(): AsyncDisposable & { readonly fetch: Fetch } {
  const dispatcher = new Agent({ maxResponseSize: maxReplyBytes });
  return {
    fetch: (url, init) => fetch(url, { ...init, dispatcher }),
    [Symbol.asyncDispose]: () => dispatcher.close(),
  };
}
