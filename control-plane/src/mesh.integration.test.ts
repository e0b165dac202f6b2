import { generateKeyPairSync } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Kvm } from "@nats-io/kv";
import { buckets, pluginSpiffeId } from "@vivified/contracts";
import type { SvidSource } from "@vivified/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Echo, startEchoGateway, startEchoPlugin } from "./fixtures/echo-server.ts";
import { askLane, askMesh } from "./fixtures/mesh-request.ts";
import { MeshUnderTest, type Node, trustDomain } from "./fixtures/mesh-under-test.ts";
import { aDocument } from "./snapshot/snapshot.fixtures.ts";

describe("the mesh", () => {
  let mesh: MeshUnderTest;
  let gateway: SvidSource;
  let node: Node;
  const newsletter = pluginSpiffeId(trustDomain, "newsletter");

  beforeAll(async () => {
    mesh = await MeshUnderTest.open();
    await mesh.startControlPlane();
    await mesh.snapshots.publish(aDocument({ newsletter: "registered" }));
    gateway = await mesh.processSvid("gateway");
    const server = await startEchoGateway(gateway, mesh.ports.gateway);
    mesh.defer(() => server.close());
    const plugin = await startEchoPlugin();
    mesh.defer(() => plugin.server.close());
    node = await mesh.startAgent("newsletter", plugin.port);
  });
  afterAll(() => mesh?.[Symbol.asyncDispose]());

  const lane = (path: string, options: { method?: string; headers?: Record<string, string> } = {}) =>
    askLane({ port: node.lanePort, path, ...options });
  const asGateway = (path: string) =>
    askMesh(
      { port: node.meshPort, path },
      { svid: gateway.current(), bundlePem: mesh.authority.bundle, expect: newsletter },
    );
  const echo = (body: string) => JSON.parse(body) as Echo & { peer?: string };

  it("stops a plugin that floods at its own Envoy, and lets it go on a second later", async () => {
    const plugin = await startEchoPlugin();
    mesh.defer(() => plugin.server.close());
    const flooding = await mesh.startAgent("hasty", plugin.port, { maxRequestsPerSecond: 20 });
    const register = () => askLane({ port: flooding.lanePort, path: "/plugins/register", method: "POST" });
    const statuses = (await Promise.all(Array.from({ length: 100 }, register))).map(({ status }) => status);
    const passed = statuses.filter((status) => status === 200).length;
    expect(passed).toBeGreaterThanOrEqual(20);
    expect(statuses.filter((status) => status === 429)).toHaveLength(100 - passed);
    expect(passed).toBeLessThan(60);
    await expect.poll(() => register().then(({ status }) => status), { timeout: 3_000 }).toBe(200);
  });

  it("lets a plugin that waits for approval register and do nothing else", async () => {
    const registered = await lane("/plugins/register", { method: "POST" });
    expect(echo(registered.body)).toMatchObject({ url: "/plugins/register", peer: newsletter });
    for (const path of ["/gateway/a/b", "/proxy", "/events/publish", "/plugins/register", "/"]) {
      const refused = await lane(path);
      expect([path, refused.status, refused.headers["content-type"]]).toEqual([path, 404, "application/problem+json"]);
      expect(JSON.parse(refused.body)).toMatchObject({ code: "not_found" });
    }
    await expect(asGateway("/")).rejects.toThrow(/ECONNREFUSED/);
  });

  it("gives a plugin its lanes within a second of its approval, and the gateway its address", async () => {
    const approved = performance.now();
    await mesh.snapshots.publish(aDocument({ newsletter: "active" }));
    await expect.poll(() => lane("/gateway/a/b").then(({ status }) => status), { interval: 10 }).toBe(200);
    expect(performance.now() - approved).toBeLessThan(1_000);
    await expect.poll(() => asGateway("/hello?a=1").then(({ body }) => echo(body).url)).toBe("/hello?a=1");
    const nodes = await new Kvm(mesh.installer).open(buckets.nodes);
    await expect
      .poll(async () => (await nodes.get("newsletter.a"))?.json())
      .toMatchObject({ plugin_id: "newsletter", spiffe_id: newsletter, host: "127.0.0.1", port: node.meshPort });
  });

  it("takes from a plugin what only platform parts may say, and passes on the rest", async () => {
    const headers = {
      "x-vivified-caller": "spiffe://vivified.local/core",
      "x-vivified-token": "forged",
      "x-caller-plugin": "core",
      "x-decision-id": "forged",
      "x-forwarded-client-cert": "URI=spiffe://vivified.local/core",
      "x-forwarded-for": "10.0.0.1",
      "x-envoy-upstream-rq-timeout-ms": "1",
      "x-envoy-original-dst-host": "127.0.0.1:1",
      "x-request-id": "forged",
      traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "idempotency-key": "k1",
    };
    const { traceparent, "idempotency-key": key, ...forged } = headers;
    const seen = echo((await lane("/events/publish", { method: "POST", headers })).body).headers;
    expect(seen).toMatchObject({ traceparent, "idempotency-key": key });
    for (const [name, value] of Object.entries(forged)) expect([name, seen[name]]).not.toEqual([name, value]);
  });

  it.each(["/gateway/a%2fb", "/gateway/a%5cb"])("refuses the ambiguous path %s", async (path) => {
    expect((await lane(path)).status).toBe(400);
  });

  it("gives a path one spelling before anybody judges it", async () => {
    expect(echo((await lane("/gateway//a/./b/../c")).body).url).toBe("/gateway/a/c");
    expect((await lane("/gateway/../health")).status).toBe(404);
  });

  it("refuses a header name with an underscore", async () => {
    expect((await lane("/proxy", { headers: { x_vivified_caller: "core" } })).status).toBe(400);
  });

  it("shows the gateway's headers to the plugin, and no certificate", async () => {
    const client = { svid: gateway.current(), bundlePem: mesh.authority.bundle, expect: newsletter };
    const headers = { "x-caller-plugin": "core", "x-forwarded-client-cert": "By=anybody" };
    const seen = echo((await askMesh({ port: node.meshPort, path: "/", headers }, client)).body).headers;
    expect(seen["x-caller-plugin"]).toBe("core");
    expect(seen["x-forwarded-client-cert"]).toBeUndefined();
  });

  it("takes everything but registration from a plugin that is disabled, and its address from the gateway", async () => {
    await mesh.snapshots.publish(aDocument({ newsletter: "disabled" }));
    await expect.poll(() => lane("/gateway/a/b").then(({ status }) => status)).toBe(404);
    expect((await lane("/plugins/register", { method: "POST" })).status).toBe(200);
    await expect.poll(() => asGateway("/").catch((error: Error) => error.message)).toMatch(/ECONNREFUSED/);
    const nodes = await new Kvm(mesh.installer).open(buckets.nodes);
    await expect.poll(async () => (await nodes.get("newsletter.a"))?.operation).toBe("DEL");
    await mesh.snapshots.publish(aDocument({ newsletter: "active" }));
    await expect.poll(() => asGateway("/").then(({ status }) => status, String)).toBe(200);
    await expect.poll(async () => (await nodes.get("newsletter.a"))?.operation).toBe("PUT");
  });

  it("takes no snapshot that core did not sign, is older, or is not what was signed", async () => {
    const disabled = aDocument({ newsletter: "disabled" });
    const { privateKey } = generateKeyPairSync("ed25519");
    const offers: Parameters<typeof mesh.snapshots.publish>[] = [
      [disabled, { key: privateKey }],
      [disabled, { typ: "JWT" }],
      [aDocument({ newsletter: "disabled", older: "active" }), { revision: 1 }],
      [{ ...disabled, grants: [] }, { part: "{}" }],
      [aDocument({ newsletter: "disabled" }, "other.example")],
    ];
    const refused = async () =>
      (await readFile(mesh.logFile("control-plane"), "utf8")).split("bucket entry refused").length - 1;
    for (const [nth, offer] of offers.entries()) {
      await mesh.snapshots.publish(...offer);
      await expect.poll(refused, { timeout: 10_000 }).toBe(nth + 1);
    }
    expect((await lane("/gateway/a/b")).status).toBe(200);
  });

  it("has had nothing refused by Envoy", async () => {
    expect(await readFile(mesh.logFile("control-plane"), "utf8")).not.toContain("refused by envoy");
  });
});
