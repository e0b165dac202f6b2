import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export type FakeCore = AsyncDisposable & { readonly url: string; readonly asked: readonly string[] };

/** What core answers the insight commands: a login, a decision, pages of two records, and archives by revision. */
export async function serveCore(
  records: readonly { readonly decision_id: string; readonly timestamp: string }[],
  archives: Readonly<Record<string, Buffer>> = {},
): Promise<FakeCore> {
  const asked: string[] = [];
  const server = createServer((request, reply) => {
    const url = new URL(request.url ?? "/", "http://core");
    asked.push(`${request.method} ${url.pathname}${url.search}`);
    const [status, value] = answerTo(request, url, { records, archives });
    reply.writeHead(status, { "content-type": Buffer.isBuffer(value) ? "application/gzip" : "application/json" });
    reply.end(Buffer.isBuffer(value) ? value : JSON.stringify(value));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

type Held = {
  readonly records: readonly { readonly decision_id: string; readonly timestamp: string }[];
  readonly archives: Readonly<Record<string, Buffer>>;
};

function answerTo({ headers }: IncomingMessage, { pathname, searchParams }: URL, { records, archives }: Held): Answer {
  if (pathname === "/auth/login") return [200, { access_token: "t", token_type: "Bearer", expires_in: 600 }];
  if (headers.authorization !== "Bearer t") return [401, { code: "unauthenticated" }];
  if (pathname === "/admin/decisions/records") return [200, page(records, searchParams)];
  const decision = records.find(({ decision_id }) => pathname === `/admin/decisions/${decision_id}`);
  if (decision !== undefined) return [200, { ...decision, outcome: { kind: "outcome" }, stream_sequence: 7 }];
  const archive = archives[pathname.replace("/admin/policies/bundles/", "")];
  return archive === undefined ? [404, { code: "not_found" }] : [200, archive];
}

type Answer = readonly [status: number, value: object];

function page(records: Held["records"], asked: URLSearchParams) {
  const [since, until] = [asked.get("since") ?? "", asked.get("until") ?? "9"];
  const found = records.filter(({ timestamp }) => timestamp >= since && timestamp < until);
  const from = Number(asked.get("after") ?? 0);
  const next = from + 2 < found.length ? { next: `${from + 2}` } : {};
  return { records: found.slice(from, from + 2), ...next };
}
