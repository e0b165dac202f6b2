import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EgressWorld, openEgressWorld } from "./egress-world.fixtures.ts";

const stack = new AsyncDisposableStack();
let outside: EgressWorld;

beforeAll(async () => {
  outside = await openEgressWorld(stack);
}, 180_000);

afterAll(() => stack.disposeAsync());

const proxy: EgressWorld["proxy"] = (...request) => outside.proxy(...request);

describe("the egress lane", () => {
  it("reaches a granted service and returns what it said, with two decisions and an outcome", async () => {
    const { status, body, traceId } = await proxy({ url: outside.api("/json?user=7"), headers: { "x-request": "1" } });
    expect([status, body.status_code, body.headers["content-type"]]).toEqual([200, 200, "application/json"]);
    expect(body.body).toEqual({ status: "ok", contact: { email: "ada@example.org" }, ssn: "REDACTED" });
    const decisions = await outside.gateway.decisions(traceId);
    expect(decisions.map(({ entrypoint, caller }) => [entrypoint, caller])).toEqual([
      ["egress/connect", "caller"],
      ["egress/reply", "caller"],
    ]);
    expect(decisions[1]?.parent_id).toBe(decisions[0]?.decision_id);
    expect(await outside.gateway.outcome(decisions[0]?.decision_id ?? "")).toMatchObject({
      outcome: "done",
      status: 200,
    });
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
    await proxy({ url: outside.api("/headers"), headers });
    const sent = outside.seen.findLast(({ url }) => url === "/headers")?.headers ?? {};
    expect(sent).toMatchObject({
      "user-agent": "Vivified-Platform/0.1.0",
      "x-proxy-plugin": "caller",
      "x-custom": "kept",
      host: `api.example:${outside.web.port}`,
    });
    const left = ["authorization", "cookie", "x-api-key", "x-auth-token", "proxy-authorization", "x-forwarded-for"];
    for (const name of [...left, "x-real-ip", "x-http-method-override", "x-nominated", "transfer-encoding"]) {
      expect(sent).not.toHaveProperty(name);
    }
    expect(sent).not.toHaveProperty("traceparent");
  });

  it("sends what policy left of query, headers and body", async () => {
    const url = outside.api("/post?email=ada%40example.org&page=2");
    const { status, traceId } = await proxy(
      { url, method: "POST", body: { email: "ada@example.org", note: "hello", people: [{ ssn: "078-05-1120" }] } },
      "plain",
    );
    expect(status).toBe(200);
    const sent = outside.seen.findLast(({ url: at }) => at.startsWith("/post"));
    expect(sent?.url).toBe("/post?email=REDACTED&page=2");
    expect(JSON.parse(sent?.body ?? "")).toEqual({ email: "REDACTED", note: "hello", people: [{ ssn: "REDACTED" }] });
    expect((await outside.gateway.decisions(traceId))[0]?.result.effect).toBe("sanitize");
  });

  it("judges JSON and forms that come as text by their fields", async () => {
    const asJson = { "content-type": "application/json" };
    await proxy(
      { url: outside.api("/t1"), method: "POST", headers: asJson, body: '{"email":"ada@example.org"}' },
      "plain",
    );
    expect(outside.seen.findLast(({ url }) => url === "/t1")?.body).toBe('{"email":"REDACTED"}');
    const asForm = { "content-type": "application/x-www-form-urlencoded" };
    await proxy(
      { url: outside.api("/t2"), method: "POST", headers: asForm, body: "email=ada%40example.org&n=1" },
      "plain",
    );
    expect(outside.seen.findLast(({ url }) => url === "/t2")).toMatchObject({
      body: "email=REDACTED&n=1",
      headers: asForm,
    });
  });

  it("redacts the reply for a caller without the traits, also in JSON that calls itself text", async () => {
    expect((await proxy({ url: outside.api("/json") }, "plain")).body.body.contact).toEqual({ email: "REDACTED" });
    expect((await proxy({ url: outside.api("/json-as-text") }, "plain")).body.body).toEqual({ email: "REDACTED" });
  });

  it("returns allowed headers only", async () => {
    const { body } = await proxy({ url: outside.api("/cookies") });
    expect(Object.keys(body.headers).sort()).toEqual(["content-type", "etag"]);
  });

  it("cuts text, and withholds binary and JSON with two readings with size and digest", async () => {
    expect((await proxy({ url: outside.api("/text") })).body.body).toHaveLength(10_000);
    const bytes = Buffer.from([1, 2, 3, 255]);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    expect((await proxy({ url: outside.api("/binary") })).body.body).toEqual({ withheld: "binary", bytes: 4, sha256 });
    expect((await proxy({ url: outside.api("/two-readings") })).body.body).toMatchObject({
      withheld: "not_strict_json",
    });
    expect((await proxy({ url: outside.api("/unknown-encoding") })).body.body).toMatchObject({ withheld: "binary" });
  });

  it("unpacks gzip and brotli, and answers 502 for what is not what it says", async () => {
    expect((await proxy({ url: outside.api("/gzip") })).body.body).toEqual({ packed: true });
    expect((await proxy({ url: outside.api("/br") })).body.body).toEqual({ packed: true });
    expect((await proxy({ url: outside.api("/broken-gzip") })).body).toMatchObject({ code: "upstream_failed" });
  });

  it("stops a decompression bomb and an endless reply without growing", async () => {
    for (const path of ["/bomb", "/endless"]) {
      const before = process.memoryUsage().rss;
      const { status, body, traceId } = await proxy({ url: outside.api(path) });
      expect([status, body.code]).toEqual([502, "upstream_failed"]);
      expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
      const [connect] = await outside.gateway.decisions(traceId);
      expect(await outside.gateway.outcome(connect?.decision_id ?? "")).toMatchObject({ outcome: "failed" });
    }
  });

  it("returns a redirect as it is and does not follow it", async () => {
    const { body } = await proxy({ url: outside.api("/redirect") });
    expect(body).toMatchObject({
      status_code: 302,
      headers: { location: `http://127.0.0.3:${outside.inside.port}/secret` },
    });
    expect(outside.inside.seen.connections).toBe(0);
  });

  it("answers 502 with the upstream's status and nothing of its body", async () => {
    const { status, body } = await proxy({ url: outside.api("/missing") });
    expect(body).toMatchObject({ code: "upstream_failed", upstream_status: 404 });
    expect([status, JSON.stringify(body).includes("secret")]).toEqual([502, false]);
  });

  it.each([
    ["GET", true],
    ["PUT", true],
    ["POST", false],
  ])("says of a failed %s whether it may be repeated: %s", async (method, retryable) => {
    const { body } = await proxy({ url: outside.api("/missing"), method });
    expect(body).toMatchObject({ code: "upstream_failed", retryable });
  });

  it("withholds a reply that cannot be judged, and records that", async () => {
    const { status, body, traceId } = await proxy({ url: outside.api("/personal-keys") });
    expect([status, body.code, body.executed, body.retryable]).toEqual([403, "reply_withheld", true, false]);
    expect((await outside.rulesOf(traceId)).at(-1)).toBe("egress.unjudgeable_reply");
  });

  it("says that a request took place when only the record of its answer cannot be written", async () => {
    const running = proxy({ url: outside.api("/slow"), method: "POST", body: {} });
    await expect.poll(() => outside.seen.some(({ url }) => url === "/slow")).toBe(true);
    await outside.gateway.nats.kill();
    const { body } = await running;
    await outside.gateway.nats.start();
    expect(body).toMatchObject({ status: 503, code: "audit_unavailable", executed: true, retryable: false });
    await expect.poll(async () => (await proxy({ url: outside.api() })).status, { timeout: 15_000 }).toBe(200);
  });

  it("handles HEAD and a reply without a body", async () => {
    expect((await proxy({ url: outside.api("/json"), method: "HEAD" })).body).toMatchObject({
      status_code: 200,
      body: null,
    });
    expect((await proxy({ url: outside.api("/empty"), method: "DELETE" })).body).toMatchObject({
      status_code: 204,
      body: null,
    });
  });

  it("proves the name of a TLS service although it dials an address", async () => {
    expect((await proxy({ url: `https://api.example:${outside.tlsWeb.port}/json` })).status).toBe(200);
    const wrong = await proxy({ url: `https://api.example:${outside.strangerTls.port}/json` });
    expect([wrong.status, wrong.body.code]).toEqual([502, "upstream_failed"]);
  });

  it("knows an international name by its Punycode", async () => {
    expect((await proxy({ url: `http://BÜCHER.example:${outside.web.port}/` })).status).toBe(200);
  });
});
