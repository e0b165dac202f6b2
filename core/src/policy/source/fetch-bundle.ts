import { readFile } from "node:fs/promises";
import { bundleRefused } from "@vivified/pdp";
import { VivifiedError } from "@vivified/runtime";
import { type Dispatcher, request } from "undici";

export type FetchBundleOptions = {
  readonly url: URL;
  readonly dispatcher: Dispatcher;
  /** Read anew at every request, so that a token can be replaced. */
  readonly tokenFile?: string;
  /** For the whole answer. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
};

/** `unchanged`: the server says that it has nothing but what was fetched before. */
export type FetchedBundle =
  | { readonly status: "unchanged" }
  | { readonly status: "fetched"; readonly archive: Buffer; readonly etag?: string };

/**
 * Asks a bundle server as OPA does (docs/management-bundles): GET with `If-None-Match`. Whole bundles are wanted, redirects
 * are not followed, and an answer that grows too large is not read to its end.
 *
 * @throws VivifiedError `policy_bundle_refused`: `source_unavailable`, `too_large`
 */
export async function fetchBundle(options: FetchBundleOptions, etag?: string): Promise<FetchedBundle> {
  const { url, dispatcher, timeoutMs } = options;
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const headers = await headersOf(options, etag);
    return await read(await request(url, { dispatcher, headers, signal }), options.maxBytes);
  } catch (cause) {
    if (cause instanceof VivifiedError) throw cause;
    const why = signal.aborted ? `it did not answer within ${timeoutMs} ms` : `it cannot be reached (${codeOf(cause)})`;
    throw bundleRefused("source_unavailable", why, cause);
  }
}

async function headersOf({ tokenFile }: FetchBundleOptions, etag: string | undefined): Promise<Record<string, string>> {
  const token = tokenFile === undefined ? undefined : (await readFile(tokenFile, "utf8")).trim();
  return {
    accept: "application/gzip, application/vnd.openpolicyagent.bundles",
    prefer: "modes=snapshot",
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(etag !== undefined && { "if-none-match": etag }),
  };
}

async function read({ statusCode, headers, body }: Dispatcher.ResponseData, maxBytes: number): Promise<FetchedBundle> {
  if (statusCode !== 200) {
    await body.dump();
    if (statusCode === 304) return { status: "unchanged" };
    throw bundleRefused("source_unavailable", `it answered ${statusCode}`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw bundleRefused("too_large", `it sent more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  const { etag } = headers;
  return { status: "fetched", archive: Buffer.concat(chunks), ...(typeof etag === "string" && { etag }) };
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "error";
}
