import { request } from "node:https";
import { json } from "node:stream/consumers";
import { pluginSpiffeId, processSpiffeId, type SpiffeId } from "@vivified/contracts";
import { createHttpServer, createLogger, type Svid } from "@vivified/runtime";
import { heldSvid, testAuthority } from "@vivified/runtime/fixtures";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCsr, anAuthority } from "./authority.fixtures.ts";
import { svidRoutes } from "./svid-routes.ts";

const trustDomain = "vivified.local";
const newsletter = pluginSpiffeId(trustDomain, "newsletter");
const logger = createLogger({ process: "test", level: "silent" });
const stack = new AsyncDisposableStack();
let clients: Awaited<ReturnType<typeof testAuthority>>;
let url: string;
let laterMs = 0;

/** The CSR port, in a platform whose root has vouched for more than this platform gives out. */
beforeAll(async () => {
  clients = await testAuthority(trustDomain);
  const svid = heldSvid(await clients.issue(processSpiffeId(trustDomain, "control-plane")));
  const server = createHttpServer({ logger, tls: { svid, clientCertificates: "optional" } });
  const clock = { now: () => new Date(Date.now() + laterMs), monotonicMs: () => performance.now() };
  const store = { find: async () => undefined, replace: async () => false };
  const rules = { ttlSeconds: 3600, processHosts: [] };
  svidRoutes(server, { authority: await anAuthority(trustDomain), rules, store, clock, logger });
  url = (await server.listen({ host: "127.0.0.1", port: 0 })).replace(/^http:/, "https:");
  stack.defer(() => server.close());
});
afterAll(() => stack.disposeAsync());

async function renew(svid: Svid): Promise<{ readonly status: number | undefined; readonly body: unknown }> {
  const body = JSON.stringify({ csr: await aCsr() });
  const tls = { key: svid.keyPem, cert: svid.chainPem, rejectUnauthorized: false, agent: false } as const;
  const headers = { "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const sent = request(new URL("/v1/svid", url), { method: "POST", headers, ...tls }, async (response) =>
      resolve({ status: response.statusCode, body: await json(response) }),
    );
    sent.on("error", reject).end(body);
  });
}

describe("renewal", () => {
  it("takes a live SVID of this platform for the next one", async () => {
    laterMs = 0;
    expect(await renew(await clients.issue(newsletter))).toMatchObject({
      status: 200,
      body: { spiffe_id: newsletter },
    });
  });

  it("takes none that ended while its connection lived", async () => {
    const svid = await clients.issue(newsletter);
    laterMs = svid.expiresAt.getTime() - Date.now();
    expect(await renew(svid)).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
  });

  it.each(["spiffe://vivified.local/root", "spiffe://vivified.local/plugin/a/b", "spiffe://other.example/plugin/a"])(
    "takes none for %s, which this platform does not give out",
    async (id) => {
      laterMs = 0;
      const answer = await renew(await clients.issue(id as SpiffeId));
      expect(answer).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
    },
  );
});
