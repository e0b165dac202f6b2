import { generateKeyPairSync } from "node:crypto";
import { request } from "node:https";
import { json } from "node:stream/consumers";
import { type KV, Kvm } from "@nats-io/kv";
import {
  type AuditRecord,
  buckets,
  controlPlaneWriter,
  mintJoinToken,
  pluginSpiffeId,
  processSpiffeId,
  type SpiffeId,
} from "@vivified/contracts";
import {
  AuditTrail,
  createHttpServer,
  createLogger,
  MinuteBudget,
  natsBlockStream,
  provisionNats,
  type Svid,
  uuidv7,
} from "@vivified/runtime";
import { readChain, testProcessKey } from "@vivified/runtime/audit-fixtures";
import { heldSvid, testAuthority } from "@vivified/runtime/fixtures";
import { startTestNats, type TestNats } from "@vivified/runtime/nats-fixtures";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { aCsr, anAuthority } from "./authority.fixtures.ts";
import type { Authority } from "./authority.ts";
import { natsJoinTokenStore } from "./join-token-store.nats.ts";
import { svidRoutes } from "./svid-routes.ts";

const trustDomain = "vivified.local";
const platform = generateKeyPairSync("ed25519");
const newsletter = pluginSpiffeId(trustDomain, "newsletter");
const logger = createLogger({ process: "test", level: "silent" });
const stack = new AsyncDisposableStack();
const clock = { now: () => new Date(Date.now() + laterMs), monotonicMs: () => performance.now() + laterMs };
let nats: TestNats;
let tokens: KV;
let authority: Authority;
let clients: Awaited<ReturnType<typeof testAuthority>>;
let url: string;
let laterMs = 0;
let connection: Awaited<ReturnType<TestNats["connect"]>>;

/** The CSR port, in a platform whose root has vouched for more than this platform gives out. */
beforeAll(async () => {
  nats = stack.use(await startTestNats());
  connection = stack.use(await nats.connect());
  await provisionNats(connection);
  tokens = await new Kvm(connection).open(buckets.joinTokens);
  clients = await testAuthority(trustDomain);
  authority = await anAuthority(trustDomain);
  url = await openPort(controlPlaneWriter, 1_000);
});
afterAll(() => stack.disposeAsync());
beforeEach(async () => {
  laterMs += 61_000; // a new minute's refusals
  const untold = async () => {
    const all = await recorded();
    const permits = all.filter((one) => one.kind === "decision" && one.entrypoint === "recorded");
    return permits.length - all.filter(({ kind }) => kind === "outcome").length;
  };
  await expect.poll(untold, { timeout: 5_000 }).toBe(0);
});

async function openPort(writer: string, maxQueued: number): Promise<string> {
  const stream = await natsBlockStream({ connection, writer, key: testProcessKey, timeoutMs: 1_000 });
  const bounds = { waitMs: 1_000, maxQueued, retryMs: 20 };
  const trail = stack.use(new AuditTrail({ chains: [{ writer, stream }], newId: uuidv7, clock, logger, ...bounds }));
  const svid = heldSvid(await clients.issue(processSpiffeId(trustDomain, "control-plane")));
  const server = createHttpServer({ logger, tls: { svid, clientCertificates: "optional" } });
  const store = natsJoinTokenStore(async () => tokens);
  const rules = { ttlSeconds: 3600, processHosts: [] };
  svidRoutes(server, {
    platformKey: platform.publicKey,
    authority,
    rules,
    store,
    trail,
    budget: new MinuteBudget(clock),
    clock,
    logger,
  });
  const address = await server.listen({ host: "127.0.0.1", port: 0 });
  stack.defer(() => server.close());
  return address.replace(/^http:/, "https:");
}

type Answer = {
  readonly status: number | undefined;
  readonly after: string | undefined;
  readonly body: Record<string, string>;
};

type Asking = { readonly svid?: Svid; readonly from?: string; readonly to?: string };

async function ask(sent: object, { svid, from = "127.0.0.1", to = url }: Asking = {}): Promise<Answer> {
  const body = JSON.stringify({ csr: await aCsr(), ...sent });
  return fetchFrom(new URL("/v1/svid", to), { method: "POST", body, from, ...(svid && { svid }) });
}

type Fetched = {
  readonly method: "GET" | "POST";
  readonly body?: string;
  readonly from?: string;
  readonly svid?: Svid;
};

function fetchFrom(to: URL, { method, body, from, svid }: Fetched): Promise<Answer> {
  const identity = svid && { key: svid.keyPem, cert: svid.chainPem };
  const tls = { ...identity, rejectUnauthorized: false, agent: false, ...(from && { localAddress: from }) };
  const headers = { ...(body && { "content-type": "application/json" }) };
  return new Promise((resolve, reject) => {
    const asked = request(to, { method, headers, ...tls }, async (response) => {
      const told = { status: response.statusCode, after: response.headers["retry-after"] };
      resolve({ ...told, body: (await json(response)) as Record<string, string> });
    });
    asked.on("error", reject).end(body);
  });
}

const renew = (svid: Svid, to?: string) => ask({}, { svid, ...(to && { to }) });
const join = (token: string, from?: string) => ask({ join_token: token }, from ? { from } : {});

async function mint({
  spiffeId = newsletter as string,
  rootHash = authority.rootHash,
  used = false,
  signingKey = platform.privateKey,
} = {}) {
  const random = crypto.getRandomValues(new Uint8Array(32));
  const nowMs = clock.now().getTime();
  const minted = mintJoinToken({ spiffeId: spiffeId as SpiffeId, rootHash, random, nowMs, signingKey });
  await tokens.put(minted.key, JSON.stringify({ ...minted.entry, used }));
  return minted.token;
}

/** All that stands in the control plane's chain. */
const recorded = (): Promise<AuditRecord[]> => readChain(connection, controlPlaneWriter);

/** What came into the chain meanwhile: decisions, each with the outcome it had. */
async function recordsOf<T>(act: () => Promise<T>) {
  const before = (await recorded()).length;
  const answer = await act();
  const more = async () => (await recorded()).slice(before);
  return { answer, more };
}

describe("joining", () => {
  it("is durable before the SVID leaves, with its key and its serial number", async () => {
    const token = await mint();
    const { answer, more } = await recordsOf(() => join(token));
    const [decision] = await more();
    expect(answer).toMatchObject({ status: 200, body: { spiffe_id: newsletter } });
    expect(decision).toMatchObject({
      lane: "mesh",
      entrypoint: "recorded",
      caller: "newsletter",
      action: "issue svid",
      resource: newsletter,
      result: { effect: "allow", reasons: [{ rule: "mesh.joined" }] },
      labels: { address: "127.0.0.1", serial: expect.stringMatching(/^01/), expires_at: answer.body.expires_at },
    });
    await expect.poll(more).toHaveLength(2);
    expect((await more())[1]).toMatchObject({ kind: "outcome", outcome: "done", status: 200 });
  });

  it("is refused in the same words whatever is wrong, and the record knows what it was", async () => {
    const unknown = mintJoinToken({
      spiffeId: newsletter,
      rootHash: authority.rootHash,
      random: new Uint8Array(32),
      nowMs: 0,
      signingKey: platform.privateKey,
    });
    const bad: Record<string, string> = {
      another_root: await mint({ rootHash: "x".repeat(43) }),
      reused: await mint({ used: true }),
      not_admissible: await mint({ spiffeId: "spiffe://vivified.local/root" }),
      unknown: unknown.token,
      unsigned: await mint({ signingKey: generateKeyPairSync("ed25519").privateKey }),
      malformed: "vjt1.x.y",
    };
    for (const [fault, token] of Object.entries(bad)) {
      const { answer, more } = await recordsOf(() => join(token));
      expect(answer).toMatchObject({ status: 401, body: { code: "invalid_join_token" } });
      expect(answer.body).not.toHaveProperty("detail");
      expect(await more()).toMatchObject([
        { entrypoint: "refused", caller: "anonymous", result: { reasons: [{ rule: `mesh.join_token_${fault}` }] } },
      ]);
    }
  });

  it("gives one of many that show a token at once an SVID, and says of each what became of it", async () => {
    const token = await mint();
    const { answer: answers, more } = await recordsOf(() => Promise.all(Array.from({ length: 8 }, () => join(token))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const outcomes = async () => (await more()).filter((record) => record.kind === "outcome");
    const permits = (await more()).filter((one) => one.kind === "decision" && one.entrypoint === "recorded");
    await expect.poll(async () => (await outcomes()).length).toBe(permits.length);
    expect((await outcomes()).filter(({ outcome }) => outcome === "done")).toHaveLength(1);
    const reused = (await more()).filter((one) => one.kind === "decision" && one.entrypoint === "refused");
    expect(reused).toHaveLength(7);
  });

  it("is refused without a record after a while, alike whatever is wrong, from where too many bad tokens came", async () => {
    const { answer: answers, more } = await recordsOf(async () => {
      const all: Answer[] = [];
      for (let n = 0; n < 60; n++) all.push(await join("made-up"));
      return all;
    });
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(60);
    const faults = ["made-up", await mint({ used: true }), await mint({ rootHash: "x".repeat(43) })];
    for (const fault of faults) {
      const { status, after, body } = await join(fault);
      expect(after).toMatch(/^[1-9]\d?$/);
      expect({ status, ...body, trace_id: "" }).toEqual({
        ...{ status: 429, type: "urn:vivified:error:rate_limited", title: "Too many requests" },
        ...{ code: "rate_limited", retryable: true, trace_id: "" },
      });
    }
    expect(await more()).toHaveLength(60);
  });

  it("is not kept from others by whoever shows bad tokens, and the use of a used one elsewhere is not hidden", async () => {
    for (let n = 0; n < 61; n++) await join("made-up");
    expect(await join(await mint())).toMatchObject({ status: 200 });
    const used = await mint({ used: true });
    const { answer, more } = await recordsOf(() => join(used, "127.0.0.2"));
    expect(answer).toMatchObject({ status: 401 });
    expect((await more()).flatMap((one) => (one.kind === "decision" ? one.result.reasons : []))).toContainEqual(
      expect.objectContaining({ rule: "mesh.join_token_reused" }),
    );
  });
});

describe("renewal", () => {
  it("waits where one identity renews all the time, and goes on where it does not", async () => {
    const svid = await clients.issue(newsletter, { notAfter: new Date(clock.now().getTime() + 86_400_000) });
    const answers: Answer[] = [];
    for (let n = 0; n < 61; n++) answers.push(await renew(svid));
    expect(answers.map(({ status }) => status)).toEqual([...Array(60).fill(200), 429]);
    expect(await ask({}, { svid, from: "127.0.0.2" })).toMatchObject({ status: 200 });
    const other = await clients.issue(pluginSpiffeId(trustDomain, "other"), {
      notAfter: new Date(clock.now().getTime() + 86_400_000),
    });
    expect(await renew(other)).toMatchObject({ status: 200 });
  });

  it("takes a live SVID of this platform for the next one, and records it", async () => {
    const svid = await clients.issue(newsletter, { notAfter: new Date(Date.now() + 86_400_000) });
    const { answer, more } = await recordsOf(() => renew(svid));
    expect(answer).toMatchObject({ status: 200, body: { spiffe_id: newsletter } });
    await expect.poll(more).toHaveLength(2);
    expect(await more()).toMatchObject([{ result: { reasons: [{ rule: "mesh.renewed" }] } }, { outcome: "done" }]);
  });

  it("takes none that ended while its connection lived, and records that", async () => {
    const svid = await clients.issue(newsletter);
    laterMs = svid.expiresAt.getTime() - Date.now();
    const { answer, more } = await recordsOf(() => renew(svid));
    expect(answer).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
    expect(await more()).toMatchObject([
      { caller: "newsletter", result: { effect: "deny", reasons: [{ rule: "mesh.svid_expired" }] } },
    ]);
  });

  it.each(["spiffe://vivified.local/root", "spiffe://vivified.local/plugin/a/b", "spiffe://other.example/plugin/a"])(
    "takes none for %s, which this platform does not give out",
    async (id) => {
      const svid = await clients.issue(id as SpiffeId);
      const { answer, more } = await recordsOf(() => renew(svid));
      expect(answer).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
      expect(await more()).toMatchObject([
        { resource: id, result: { reasons: [{ rule: "mesh.svid_not_admissible" }] } },
      ]);
    },
  );
});

describe("while NATS is away", () => {
  it("nobody joins, no token is spent, certificates go on, and the trail has all of it afterwards", async () => {
    const token = await mint();
    const svid = await clients.issue(newsletter, { notAfter: new Date(Date.now() + 86_400_000) });
    const before = (await recorded()).length;
    nats.pause();
    const [joined, renewed] = await Promise.all([join(token), renew(svid)]);
    nats.resume();
    expect(joined.status).toBeGreaterThanOrEqual(500);
    expect(renewed).toMatchObject({ status: 200 });
    await expect.poll(async () => (await join(token)).status, { timeout: 10_000 }).toBe(200);
    const rules = async () =>
      (await recorded()).slice(before).flatMap((one) => (one.kind === "decision" ? one.result.reasons[0]?.rule : []));
    await expect.poll(rules, { timeout: 5_000 }).toContain("mesh.renewed");
    expect(await rules()).toContain("mesh.joined");
  });

  it("renewals wait in bounded memory: what has no room for its record is refused, and readiness says so", async () => {
    const to = await openPort("small", 6);
    const health = () => fetchFrom(new URL("/health", to), { method: "GET" });
    const svid = await clients.issue(newsletter, { notAfter: new Date(clock.now().getTime() + 86_400_000) });
    expect(await renew(svid, to)).toMatchObject({ status: 200 });
    await expect.poll(async () => (await readChain(connection, "small")).length, { timeout: 10_000 }).toBe(2);
    nats.pause();
    const renewed = [await renew(svid, to), await renew(svid, to)];
    const healthy = await health();
    const more = [await renew(svid, to), await renew(svid, to), await renew(svid, to)];
    const full = await health();
    nats.resume();
    expect([...renewed, ...more].map(({ status }) => status)).toEqual([200, 200, 200, 503, 503]);
    expect(more.at(-1)?.body).toMatchObject({ code: "audit_unavailable", retryable: true });
    expect(healthy).toEqual({ status: 200, body: { status: "ready", checks: { audit: true } } });
    expect(full).toEqual({ status: 503, body: { status: "unavailable", checks: { audit: false } } });
    await expect.poll(async () => (await health()).status, { timeout: 20_000 }).toBe(200);
    expect(await renew(svid, to)).toMatchObject({ status: 200 });
    await expect.poll(async () => (await readChain(connection, "small")).length, { timeout: 10_000 }).toBe(10);
  }, 60_000);
});
