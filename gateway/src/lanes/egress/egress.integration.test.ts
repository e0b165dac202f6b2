import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { brotliCompressSync, gzipSync } from "node:zlib";
import type { EgressGrant, SnapshotDocument } from "@vivified/contracts";
import { testAuthority } from "@vivified/runtime/fixtures";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { snapshotPlugin } from "../../snapshot/snapshot.fixtures.ts";
import { laneDocument, type RunningLanes, runLanes } from "../running-lanes.fixtures.ts";
import { openMailServer, openNameServer, openService } from "./outside.fixtures.ts";

const stack = new AsyncDisposableStack();
const outside = "127.0.0.2/32";
const seen: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[] = [];
let gateway: RunningLanes;
let names: Awaited<ReturnType<typeof openNameServer>>;
let web: Awaited<ReturnType<typeof openService>>;
let tlsWeb: typeof web;
let strangerTls: typeof web;
let inside: typeof web;
let mail: Awaited<ReturnType<typeof openMailServer>>;
let plainMail: typeof mail;
let smtps: typeof mail;
let strangerMail: typeof mail;
let flips = 0;

const replies: { [path: string]: (response: ServerResponse, request: IncomingMessage) => void } = {
  "/json": (response) => json(response, { status: "ok", contact: { email: "ada@example.org" }, ssn: "078-05-1120" }),
  "/text": (response) => response.writeHead(200, { "content-type": "text/plain" }).end("x".repeat(12_000)),
  "/json-as-text": (response) =>
    response.writeHead(200, { "content-type": "text/plain" }).end('{"email":"ada@example.org"}'),
  "/two-readings": (response) => response.writeHead(200, { "content-type": "application/json" }).end('{"a":1,"a":2}'),
  "/binary": (response) => response.writeHead(200, { "content-type": "image/png" }).end(Buffer.from([1, 2, 3, 255])),
  "/gzip": (response) => packed(response, "gzip", gzipSync('{"packed":true}')),
  "/br": (response) => packed(response, "br", brotliCompressSync('{"packed":true}')),
  "/unknown-encoding": (response) => packed(response, "lzw", Buffer.from('{"packed":true}')),
  "/broken-gzip": (response) => packed(response, "gzip", gzipSync('{"packed":true}').subarray(0, 12)),
  "/bomb": (response) => packed(response, "gzip", gzipSync(Buffer.alloc(300 * 1024 * 1024))),
  "/endless": (response) => {
    response.writeHead(200, { "content-type": "text/plain" });
    const timer = setInterval(() => response.write("x".repeat(64 * 1024)), 1);
    response.on("close", () => clearInterval(timer));
  },
  "/redirect": (response) => response.writeHead(302, { location: `http://127.0.0.3:${inside.port}/secret` }).end(),
  "/missing": (response) => response.writeHead(404, { "content-type": "application/json" }).end('{"secret":"reason"}'),
  "/empty": (response) => response.writeHead(204).end(),
  "/hang": () => undefined,
  "/drip": (response) => {
    response.writeHead(200, { "content-type": "text/plain" });
    const timer = setInterval(() => response.write("."), 100);
    response.on("close", () => clearInterval(timer));
  },
  "/cookies": (response) =>
    response
      .writeHead(200, { "content-type": "application/json", "set-cookie": "a=b", "x-internal": "yes", etag: '"e1"' })
      .end("{}"),
};

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function packed(response: ServerResponse, encoding: string, bytes: Buffer): void {
  response.writeHead(200, { "content-type": "application/json", "content-encoding": encoding }).end(bytes);
}

async function listen(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "", url = "", headers } = request;
  seen.push({ method, url, headers, body: await text(request) });
  const reply = replies[url.split("?")[0] ?? ""] ?? ((to) => json(to, { status: "ok" }));
  reply(response, request);
}

beforeAll(async () => {
  const authority = await testAuthority();
  const certificate = async (...dnsNames: string[]) => {
    const { keyPem: key, chainPem: cert } = await authority.issue("spiffe://outside.example/service", { dnsNames });
    return { key, cert };
  };
  web = await openService(listen, {}, stack);
  inside = await openService(listen, { host: "127.0.0.3", port: web.port }, stack);
  tlsWeb = await openService(listen, { tls: await certificate("api.example") }, stack);
  strangerTls = await openService(listen, { tls: await certificate("stranger.example") }, stack);
  mail = await openMailServer({ ...(await certificate("mail.example")) }, stack);
  strangerMail = await openMailServer({ ...(await certificate("stranger.example")) }, stack);
  smtps = await openMailServer({ secure: true, ...(await certificate("mail.example")) }, stack);
  plainMail = await openMailServer({ disabledCommands: ["AUTH", "STARTTLS"] }, stack);
  names = await openNameServer(
    {
      "api.example": ["127.0.0.2"],
      "mail.example": ["127.0.0.2"],
      "xn--bcher-kva.example": ["127.0.0.2"],
      "intranet.example": ["10.0.0.7"],
      "metadata.example": ["169.254.169.254"],
      "mixed.example": ["127.0.0.2", "127.0.0.3"],
      "six.example": ["::1"],
      "mapped.example": ["::ffff:10.0.0.7"],
      "translated.example": ["64:ff9b::a00:7"],
      "half.example": ["127.0.0.2", "::1"],
      "nothing.example": [],
      "flip.example": () => (flips++ % 2 === 0 ? ["127.0.0.2"] : ["127.0.0.3"]),
    },
    stack,
  );
  const upstreamCaFile = join(tmpdir(), `vivified-egress-${process.pid}.pem`);
  await writeFile(upstreamCaFile, authority.bundlePem);
  gateway = stack.use(await runLanes(world(), { dnsServers: [names.address], upstreamCaFile }));
}, 180_000);

afterAll(() => stack.disposeAsync());

let grants = 0;
function grant(host: string, parts: Partial<EgressGrant> = {}): EgressGrant {
  grants += 1;
  return {
    id: `g-${grants}`,
    plugin: "caller",
    kind: "egress",
    host,
    schemes: ["http", "https", "smtp", "smtps"],
    ports: [web.port, tlsWeb.port, strangerTls.port, mail.port, smtps.port, plainMail.port, strangerMail.port, 80],
    methods: ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "SEND"],
    insecure_address_ranges: [outside],
    ...parts,
  };
}

const closedGrant = (host: string) => {
  const { insecure_address_ranges: _, ...closed } = grant(host);
  return closed;
};

function world(parts: Partial<SnapshotDocument> = {}): SnapshotDocument {
  const open = ["api.example", "mail.example", "bücher.example", "mixed.example", "flip.example", "nothing.example"];
  const closed = ["intranet.example", "metadata.example", "six.example", "mapped.example", "translated.example"];
  const literal = ["127.0.0.2", "127.0.0.3", "169.254.169.254", "::1", "::ffff:7f00:2", "0.0.0.0"];
  return laneDocument({
    plugins: [
      snapshotPlugin("caller", { traits: ["external_service", "handles_pii"] }),
      snapshotPlugin("plain", { traits: ["external_service"] }),
      snapshotPlugin("untraited"),
      snapshotPlugin("waiting", { status: "registered", traits: ["external_service"] }),
      snapshotPlugin("quarantined", { status: "disabled", traits: ["external_service"] }),
    ],
    grants: [
      ...open.map((host) => grant(host.replace("bücher", "xn--bcher-kva"))),
      ...closed.map((host) => closedGrant(host)),
      ...literal.map((host) => grant(host)),
      closedGrant("closed.example"),
      grant("half.example"),
      grant("*.wild.example"),
      grant("prefix.example", { path_prefix: "/v1", methods: ["GET"], schemes: ["https"], ports: [443] }),
      grant("api.example", { plugin: "plain" }),
      grant("mail.example", { plugin: "plain", insecure_plaintext_smtp: true }),
      grant("api.example", { plugin: "untraited" }),
      grant("api.example", { plugin: "quarantined" }),
    ],
    ...parts,
  });
}

async function proxy(request: object, as = "caller", headers: Record<string, string> = {}) {
  const { json, ...answer } = await gateway.post(as, "/proxy", { method: "GET", ...request }, headers);
  return { ...answer, body: json };
}

const rulesOf = async (traceId: string) =>
  (await gateway.decisions(traceId)).flatMap(({ result }) => result.reasons.map(({ rule }) => rule));

const api = (path = "/") => `http://api.example:${web.port}${path}`;

describe("the egress lane", () => {
  it("reaches a granted service and returns what it said, with two decisions and an outcome", async () => {
    const { status, body, traceId } = await proxy({ url: api("/json?user=7"), headers: { "x-request": "1" } });
    expect([status, body.status_code, body.headers["content-type"]]).toEqual([200, 200, "application/json"]);
    expect(body.body).toEqual({ status: "ok", contact: { email: "ada@example.org" }, ssn: "REDACTED" });
    const decisions = await gateway.decisions(traceId);
    expect(decisions.map(({ entrypoint, caller }) => [entrypoint, caller])).toEqual([
      ["egress/connect", "caller"],
      ["egress/reply", "caller"],
    ]);
    expect(decisions[1]?.parent_id).toBe(decisions[0]?.decision_id);
    expect(await gateway.outcome(decisions[0]?.decision_id ?? "")).toMatchObject({ outcome: "done", status: 200 });
  });

  it("says who it is to the service, and keeps back what must not leave", async () => {
    const headers = {
      Authorization: "Bearer secret",
      Cookie: "a=b",
      "X-Api-Key": "secret",
      "X-Auth-Token": "secret",
      "Proxy-Authorization": "secret",
      "X-Forwarded-For": "10.0.0.1",
      "X-Real-IP": "10.0.0.1",
      "X-HTTP-Method-Override": "DELETE",
      Host: "intranet.example",
      Connection: "x-nominated, keep-alive",
      "X-Nominated": "1",
      "Transfer-Encoding": "chunked",
      "User-Agent": "me",
      "X-Proxy-Plugin": "someone-else",
      "X-Custom": "kept",
    };
    await proxy({ url: api("/headers"), headers });
    const sent = seen.findLast(({ url }) => url === "/headers")?.headers ?? {};
    expect(sent).toMatchObject({
      "user-agent": "Vivified-Platform/0.1.0",
      "x-proxy-plugin": "caller",
      "x-custom": "kept",
      host: `api.example:${web.port}`,
    });
    const left = ["authorization", "cookie", "x-api-key", "x-auth-token", "proxy-authorization", "x-forwarded-for"];
    for (const name of [...left, "x-real-ip", "x-http-method-override", "x-nominated", "transfer-encoding"]) {
      expect(sent).not.toHaveProperty(name);
    }
    expect(sent).not.toHaveProperty("traceparent");
  });

  it("sends what policy left of query, headers and body", async () => {
    const url = api("/post?email=ada%40example.org&page=2");
    const { status, traceId } = await proxy(
      { url, method: "POST", body: { email: "ada@example.org", note: "hello", people: [{ ssn: "078-05-1120" }] } },
      "plain",
    );
    expect(status).toBe(200);
    const sent = seen.findLast(({ url: at }) => at.startsWith("/post"));
    expect(sent?.url).toBe("/post?email=REDACTED&page=2");
    expect(JSON.parse(sent?.body ?? "")).toEqual({ email: "REDACTED", note: "hello", people: [{ ssn: "REDACTED" }] });
    expect((await gateway.decisions(traceId))[0]?.result.effect).toBe("sanitize");
  });

  it("judges JSON and forms that come as text by their fields", async () => {
    const asJson = { "content-type": "application/json" };
    await proxy({ url: api("/t1"), method: "POST", headers: asJson, body: '{"email":"ada@example.org"}' }, "plain");
    expect(seen.findLast(({ url }) => url === "/t1")?.body).toBe('{"email":"REDACTED"}');
    const asForm = { "content-type": "application/x-www-form-urlencoded" };
    await proxy({ url: api("/t2"), method: "POST", headers: asForm, body: "email=ada%40example.org&n=1" }, "plain");
    expect(seen.findLast(({ url }) => url === "/t2")).toMatchObject({ body: "email=REDACTED&n=1", headers: asForm });
  });

  it("redacts the reply for a caller without the traits, also in JSON that calls itself text", async () => {
    expect((await proxy({ url: api("/json") }, "plain")).body.body.contact).toEqual({ email: "REDACTED" });
    expect((await proxy({ url: api("/json-as-text") }, "plain")).body.body).toEqual({ email: "REDACTED" });
  });

  it("returns allowed headers only", async () => {
    const { body } = await proxy({ url: api("/cookies") });
    expect(Object.keys(body.headers).sort()).toEqual(["content-type", "etag"]);
  });

  it("cuts text, and withholds binary and JSON with two readings with size and digest", async () => {
    expect((await proxy({ url: api("/text") })).body.body).toHaveLength(10_000);
    const bytes = Buffer.from([1, 2, 3, 255]);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect((await proxy({ url: api("/binary") })).body.body).toEqual({ withheld: "binary", bytes: 4, sha256 });
    expect((await proxy({ url: api("/two-readings") })).body.body).toMatchObject({ withheld: "not_strict_json" });
    expect((await proxy({ url: api("/unknown-encoding") })).body.body).toMatchObject({ withheld: "binary" });
  });

  it("unpacks gzip and brotli, and answers 502 for what is not what it says", async () => {
    expect((await proxy({ url: api("/gzip") })).body.body).toEqual({ packed: true });
    expect((await proxy({ url: api("/br") })).body.body).toEqual({ packed: true });
    expect((await proxy({ url: api("/broken-gzip") })).body).toMatchObject({ code: "upstream_failed" });
  });

  it("stops a decompression bomb and an endless reply without growing", async () => {
    for (const path of ["/bomb", "/endless"]) {
      const before = process.memoryUsage().rss;
      const { status, body, traceId } = await proxy({ url: api(path) });
      expect([status, body.code]).toEqual([502, "upstream_failed"]);
      expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
      const [connect] = await gateway.decisions(traceId);
      expect(await gateway.outcome(connect?.decision_id ?? "")).toMatchObject({ outcome: "failed" });
    }
  });

  it("returns a redirect as it is and does not follow it", async () => {
    const { body } = await proxy({ url: api("/redirect") });
    expect(body).toMatchObject({ status_code: 302, headers: { location: `http://127.0.0.3:${inside.port}/secret` } });
    expect(inside.seen.connections).toBe(0);
  });

  it("answers 502 with the upstream's status and nothing of its body", async () => {
    const { status, body } = await proxy({ url: api("/missing") });
    expect(body).toMatchObject({ code: "upstream_failed", upstream_status: 404 });
    expect([status, JSON.stringify(body).includes("secret")]).toEqual([502, false]);
  });

  it("handles HEAD and a reply without a body", async () => {
    expect((await proxy({ url: api("/json"), method: "HEAD" })).body).toMatchObject({ status_code: 200, body: null });
    expect((await proxy({ url: api("/empty"), method: "DELETE" })).body).toMatchObject({
      status_code: 204,
      body: null,
    });
  });

  it("proves the name of a TLS service although it dials an address", async () => {
    expect((await proxy({ url: `https://api.example:${tlsWeb.port}/json` })).status).toBe(200);
    const wrong = await proxy({ url: `https://api.example:${strangerTls.port}/json` });
    expect([wrong.status, wrong.body.code]).toEqual([502, "upstream_failed"]);
  });

  it("knows an international name by its Punycode", async () => {
    expect((await proxy({ url: `http://BÜCHER.example:${web.port}/` })).status).toBe(200);
  });
});

describe("what the egress lane refuses", () => {
  it.each([
    ["a destination that was not granted", { url: "http://elsewhere.example/" }, 403, "egress.not_granted"],
    ["a name that ends like a granted one", { url: "http://evilapi.example/" }, 403, "egress.not_granted"],
    ["a name that a wildcard does not cover", { url: "http://evilwild.example/" }, 403, "egress.not_granted"],
    [
      "a method that was not granted",
      { url: "https://prefix.example/v1/x", method: "POST" },
      403,
      "egress.not_granted",
    ],
    ["a path beside the granted prefix", { url: "https://prefix.example/v10" }, 403, "egress.not_granted"],
    ["a path that leaves the granted prefix", { url: "https://prefix.example/v1/../v2" }, 403, "egress.not_granted"],
    ["a scheme that was not granted", { url: "http://prefix.example:443/v1" }, 403, "egress.not_granted"],
    ["a port that was not granted", { url: "https://prefix.example:8443/v1" }, 403, "egress.not_granted"],
    ["a method that is none of the lane's", { url: "http://api.example/", method: "TRACE" }, 405, "egress.method"],
    ["mail with a web method", { url: "smtp://mail.example/", method: "POST" }, 405, "egress.method"],
    ["a web call with SEND", { url: "http://api.example/", method: "SEND" }, 405, "egress.method"],
    ["a private address", { url: "http://intranet.example/" }, 403, "egress.unsafe_address"],
    ["a metadata address", { url: "http://metadata.example/" }, 403, "egress.unsafe_address"],
    ["an IPv6 loopback", { url: "http://six.example/" }, 403, "egress.unsafe_address"],
    ["a mapped private address", { url: "http://mapped.example/" }, 403, "egress.unsafe_address"],
    ["a translated private address", { url: "http://translated.example/" }, 403, "egress.unsafe_address"],
    ["a name that leads to good and bad", { url: "http://mixed.example/" }, 403, "egress.unsafe_address"],
    ["a name that is bad in IPv6 only", { url: "http://half.example/" }, 403, "egress.unsafe_address"],
    ["a metadata address as host", { url: "http://169.254.169.254/" }, 403, "egress.unsafe_address"],
    ["loopback as host", { url: "http://[::1]/" }, 403, "egress.unsafe_address"],
    ["another spelling of a private host", { url: "http://0x7f000003/" }, 403, "egress.unsafe_address"],
    ["the unspecified address", { url: "http://0/" }, 403, "egress.unsafe_address"],
    ["a name without addresses", { url: "http://nothing.example/" }, 502, "egress.unresolvable"],
  ])("refuses %s", async (_what, request, status, rule) => {
    const body = "url" in request && request.url.startsWith("smtp") ? { body: aMail() } : {};
    const answer = await proxy({ ...request, ...body });
    expect([answer.status, (await rulesOf(answer.traceId)).at(-1)]).toEqual([status, rule]);
    expect(answer.body.decision_id).toBeTypeOf("string");
  });

  it.each([
    ["plugins without the trait", "untraited", "egress.caller_trait"],
    ["plugins that wait for approval", "waiting", "peer.not_approved"],
    ["plugins in quarantine", "quarantined", "peer.disabled"],
    ["plugins that nobody knows", "nobody", "peer.unknown"],
  ])("refuses %s", async (_who, as, rule) => {
    const before = seen.length;
    const { status, traceId } = await proxy({ url: api() }, as);
    expect([status, await rulesOf(traceId), seen.length]).toEqual([403, [rule], before]);
  });

  it("refuses a caller that names another plugin", async () => {
    const { status, body, traceId } = await proxy({ url: api() }, "caller", { "x-plugin-id": "plain" });
    expect([status, body.code, await rulesOf(traceId)]).toEqual([403, "source_mismatch", ["peer.claims_another"]]);
  });

  it.each([
    [{ url: "http://user:secret@api.example/" }, 400, "malformed"],
    [{ url: "file:///etc/passwd" }, 400, "malformed"],
    [{ url: "http://api.example/a%2f..%2fb" }, 400, "malformed"],
    [{ url: "http://api.example/", headers: { "x-a": "1\r\nx-b: 2" } }, 400, "malformed"],
    [{ url: "http://api.example/", headers: { "x-a": "1", "X-A": "2" } }, 400, "malformed"],
    [{ url: "http://api.example/", headers: { "bad name": "1" } }, 400, "malformed"],
    [{ url: "http://api.example/", body: {} }, 400, "malformed"],
    [{ url: "http://api.example/?%ff=1" }, 400, "malformed"],
    [{ url: "http://api.example/?*=1" }, 400, "malformed"],
    [{ url: "http://api.example/?__proto__=1" }, 400, "malformed"],
    [
      {
        url: "http://api.example/",
        method: "POST",
        body: '{"a":1,"a":2}',
        headers: { "content-type": "application/json" },
      },
      400,
      "duplicate_key",
    ],
    [
      {
        url: "http://api.example/",
        method: "POST",
        body: "x",
        headers: { "content-type": "application/octet-stream" },
      },
      415,
      "unsupported_media_type",
    ],
    [
      {
        url: "http://api.example/",
        method: "POST",
        body: "x",
        headers: { "content-type": "text/plain; charset=utf-7" },
      },
      415,
      "unsupported_media_type",
    ],
    [{ url: "http://api.example/", more: 1 }, 422, "invalid"],
    [{}, 422, "invalid"],
  ])("refuses %j as %s", async (request, status, code) => {
    const answer = await proxy(request);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it("asks no name server about a destination that was not permitted", async () => {
    await proxy({ url: "http://never-asked.example/" });
    await proxy({ url: api() }, "untraited");
    expect(names.asked).not.toContain("never-asked.example");
  });

  it("dials the address that was judged, however the name's answers change", async () => {
    const before = inside.seen.connections;
    for (let call = 0; call < 20; call += 1) {
      const { status } = await proxy({ url: `http://flip.example:${web.port}/` });
      expect([200, 403]).toContain(status);
    }
    expect([inside.seen.connections - before, flips]).toEqual([0, 20]);
  });

  it("refuses everything while the lane is switched off", async () => {
    const settings = { ...world().settings, egress_enabled: false };
    await gateway.publish(world({ settings }));
    const { status, traceId } = await proxy({ url: api() });
    await gateway.publish(world());
    expect([status, await rulesOf(traceId)]).toEqual([403, ["egress.lane_disabled"]]);
  });

  it("allows as many requests as the limit says, and tells when to come again", async () => {
    const settings = { ...world().settings, egress_rate_limit: { requests: 3, window_ms: 3_600_000 } };
    await gateway.publish(world({ settings }));
    const answers = [];
    for (let call = 0; call < 4; call += 1) answers.push(await proxy({ url: api("/limited") }, "plain"));
    await gateway.publish(world());
    const last = answers.at(-1);
    expect(last).toMatchObject({ status: 429, body: { code: "rate_limited", retryable: true } });
    expect(Number(last?.headers["retry-after"])).toBeGreaterThan(3_000);
    expect((await rulesOf(last?.traceId ?? "")).at(-1)).toBe("egress.rate_limited");
  });
});

function aMail(parts: object = {}) {
  return { from: "Platform <noreply@example.org>", to: ["ada@example.org"], subject: "Hi", text: "Hello", ...parts };
}

const send = (port: number, parts: object = {}, as = "caller", scheme = "smtp") =>
  proxy({ url: `${scheme}://mail.example:${port}`, method: "SEND", body: aMail(parts) }, as);

describe("mail over the egress lane", () => {
  it("is sent after STARTTLS, to everybody it names, without telling of the hidden ones", async () => {
    const parts = { cc: ["Bob <bob@example.org>"], bcc: ["eve@example.org"], headers: { "X-Campaign": "welcome" } };
    const { status, body } = await send(mail.port, { ...parts, html: "<b>Hello</b>", subject: "Grüße" });
    expect([status, body.status_code, body.body.rejected]).toEqual([200, 250, []]);
    const caught = mail.caught.at(-1);
    expect(caught).toMatchObject({ from: "noreply@example.org", secure: true });
    expect(caught?.to).toEqual(["ada@example.org", "bob@example.org", "eve@example.org"]);
    expect(caught?.raw).not.toContain("eve@");
    expect(caught?.raw).toMatch(/^X-Campaign: welcome\r$/m);
    expect(caught?.raw).toMatch(/^From: Platform <noreply@example\.org>\r$/m);
  });

  it("is sent over TLS from the start with smtps", async () => {
    expect((await send(smtps.port, {}, "caller", "smtps")).status).toBe(200);
    expect(smtps.caught.at(-1)?.secure).toBe(true);
  });

  it("is not sent to a server without STARTTLS, unless the grant says so", async () => {
    const { status, body } = await send(plainMail.port);
    expect([status, body.code, plainMail.caught.length]).toEqual([502, "upstream_failed", 0]);
    // `plain` may speak plaintext, but it may not see addresses: it has nobody to send to
    expect((await send(plainMail.port, {}, "plain")).body).toMatchObject({ code: "denied" });
    await gateway.publish(world({ grants: [grant("mail.example", { insecure_plaintext_smtp: true })] }));
    expect((await send(plainMail.port)).status).toBe(200);
    await gateway.publish(world());
    expect(plainMail.caught.at(-1)).toMatchObject({ to: ["ada@example.org"], secure: false });
  });

  it("is not sent to a server that cannot prove its name", async () => {
    const { status, body } = await send(strangerMail.port);
    expect([status, body.code, strangerMail.caught.length]).toEqual([502, "upstream_failed", 0]);
  });

  it("tells the SMTP status of a refusal", async () => {
    const refusing = await openMailServer(
      {
        disabledCommands: ["STARTTLS"],
        onRcptTo: (_to, _session, done) => done(Object.assign(new Error("no"), { responseCode: 550 })),
      },
      stack,
    );
    const ports = [...grant("x").ports, refusing.port];
    await gateway.publish(world({ grants: [grant("mail.example", { insecure_plaintext_smtp: true, ports })] }));
    expect((await send(refusing.port)).body).toMatchObject({ code: "upstream_failed", upstream_status: 550 });
    await gateway.publish(world());
  });

  it.each([
    [{ subject: "Hi\r\nBcc: eve@example.org" }, "/body/subject"],
    [{ to: ["ada@example.org\r\nRCPT TO:<eve@example.org>"] }, "/body/to/0"],
    [{ to: ["ada@example.org, eve@example.org"] }, "/body/to/0"],
    [{ to: ["everybody: ada@example.org;"] }, "/body/to/0"],
    [{ to: ["<ada@example.org> ORCPT=x"] }, "/body/to/0"],
    [{ from: "a@b@c.example" }, "/body/from"],
    [{ from: "Name\nX: y <a@b.example>" }, "/body/from"],
    [{ headers: { Bcc: "eve@example.org" } }, "/body/headers/Bcc"],
    [{ headers: { "X-A\r\nBcc": "eve@example.org" } }, "/body/headers/X-A\r\nBcc"],
    [{ headers: { "X-A": "1\r\nBcc: eve@example.org" } }, "/body/headers/X-A"],
    [{ headers: { "Content-Type": "text/html" } }, "/body/headers/Content-Type"],
    [{ text: undefined }, "/body"],
    [{ attachments: [{ path: "/etc/passwd" }] }, "/body"],
    [{ text: { path: "/etc/passwd" } }, "/body/text"],
  ])("is refused with %j", async (parts, pointer) => {
    const before = mail.caught.length;
    const { status, body } = await send(mail.port, parts);
    expect([status, body.code, mail.caught.length]).toEqual([422, "invalid", before]);
    expect(body.violations.map((violation: { pointer: string }) => violation.pointer)).toContain(pointer);
  });
});

describe("a slow world", () => {
  it("ends a call that hangs or drips at the deadline of the whole", async () => {
    // the deadline is a setting of the lane, so this gateway is one of its own
    const { sendHttp } = await import("./http/send-http.ts");
    const { PinnedPools } = await import("./http/pinned-pools.ts");
    await using pools = new PinnedPools();
    const deps = { pools, userAgent: "test", egressTimeoutMs: 700, maxReplyBytes: 1024 };
    const form = { kind: "json", mediaType: "application/json" } as const;
    for (const path of ["/hang", "/drip"]) {
      const target = { scheme: "http", host: "api.example", port: web.port, method: "GET", path };
      const sent = sendHttp({ plugin: "caller", target, address: "127.0.0.2", payload: {}, form }, deps);
      await expect(sent).rejects.toMatchObject({ code: "upstream_timeout" });
    }
  });

  it("ends a mail to a server that says nothing, or never enough", async () => {
    const { sendMail } = await import("./mail/send-mail.ts");
    for (const chatter of ["", "220-wait\r\n"]) {
      const server = createTcp((socket) => {
        socket.on("error", () => undefined);
        const timer = setInterval(() => chatter && socket.write(chatter), 50);
        socket.on("close", () => clearInterval(timer));
      }).listen(0, "127.0.0.2");
      await new Promise((resolve) => server.once("listening", resolve));
      const { port } = server.address() as { port: number };
      const target = { scheme: "smtp", host: "mail.example", port, method: "SEND", path: "/" };
      const request = { target, address: "127.0.0.2", payload: aMail(), insecurePlaintext: true };
      await expect(sendMail(request, { egressTimeoutMs: 700 })).rejects.toMatchObject({ code: "upstream_timeout" });
      server.close();
    }
  });
});
