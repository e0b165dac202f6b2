import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EgressWorld, openEgressWorld } from "./egress-world.fixtures.ts";

const stack = new AsyncDisposableStack();
let outside: EgressWorld;

beforeAll(async () => {
  outside = await openEgressWorld(stack);
}, 180_000);

afterAll(() => stack.disposeAsync());

const proxy: EgressWorld["proxy"] = (...request) => outside.proxy(...request);

const aMail = { from: "noreply@example.org", to: ["ada@example.org"], subject: "Hi", text: "Hello" };

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
    const body = "url" in request && request.url.startsWith("smtp") ? { body: aMail } : {};
    const answer = await proxy({ ...request, ...body });
    expect([answer.status, (await outside.rulesOf(answer.traceId)).at(-1)]).toEqual([status, rule]);
    expect(answer.body.decision_id).toBeTypeOf("string");
  });

  it.each([
    ["plugins without the trait", "untraited", "egress.caller_trait"],
    ["plugins that wait for approval", "waiting", "peer.not_approved"],
    ["plugins in quarantine", "quarantined", "peer.disabled"],
    ["plugins that nobody knows", "nobody", "peer.unknown"],
  ])("refuses %s", async (_who, as, rule) => {
    const before = outside.seen.length;
    const { status, traceId } = await proxy({ url: outside.api() }, as);
    expect([status, await outside.rulesOf(traceId), outside.seen.length]).toEqual([403, [rule], before]);
  });

  it("records what was denied in a bounded size, however much was asked", async () => {
    const asked = async (fields: number) => {
      const body = Object.fromEntries(Array.from({ length: fields }, (_, n) => [`a-field-of-some-length-${n}`, n]));
      const answer = await proxy({ url: "http://elsewhere.example/", method: "POST", body });
      const [record] = await outside.decisionsOf(answer.traceId);
      return { status: answer.status, record, bytes: JSON.stringify(record).length };
    };
    const [few, many] = [await asked(20), await asked(2_000)];
    expect([few.status, many.status]).toEqual([403, 403]);
    expect([few.record?.input, many.record?.input]).toEqual([expect.any(Object), undefined]);
    expect(many.record?.payload_bytes).toBeGreaterThan(50_000);
    expect(many.bytes).toBeLessThan(2_000);
  });

  it("refuses a caller that names another plugin", async () => {
    const { status, body, traceId } = await proxy({ url: outside.api() }, "caller", { "x-plugin-id": "plain" });
    expect([status, body.code, await outside.rulesOf(traceId)]).toEqual([
      403,
      "source_mismatch",
      ["peer.claims_another"],
    ]);
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
    await proxy({ url: outside.api() }, "untraited");
    expect(outside.names.asked).not.toContain("never-asked.example");
  });

  it("dials the address that was judged, however the name's answers change", async () => {
    const before = outside.inside.seen.connections;
    for (let call = 0; call < 20; call += 1) {
      const { status } = await proxy({ url: `http://flip.example:${outside.web.port}/` });
      expect([200, 403]).toContain(status);
    }
    expect([outside.inside.seen.connections - before, outside.flips()]).toEqual([0, 20]);
  });

  it("refuses everything while the lane is switched off", async () => {
    const settings = { ...outside.document().settings, egress_enabled: false };
    await outside.gateway.publish(outside.document({ settings }));
    const { status, traceId } = await proxy({ url: outside.api() });
    await outside.gateway.publish(outside.document());
    expect([status, await outside.rulesOf(traceId)]).toEqual([403, ["egress.lane_disabled"]]);
  });

  it("allows as many requests as the limit says, and tells when to come again", async () => {
    const settings = { ...outside.document().settings, egress_rate_limit: { requests: 3, window_ms: 3_600_000 } };
    await outside.gateway.publish(outside.document({ settings }));
    const answers = [];
    for (let call = 0; call < 4; call += 1) answers.push(await proxy({ url: outside.api("/limited") }, "plain"));
    await outside.gateway.publish(outside.document());
    const last = answers.at(-1);
    expect(last).toMatchObject({ status: 429, body: { code: "rate_limited", retryable: true } });
    expect(Number(last?.headers["retry-after"])).toBeGreaterThan(3_000);
    expect((await outside.rulesOf(last?.traceId ?? "")).at(-1)).toBe("egress.rate_limited");
  });
});
