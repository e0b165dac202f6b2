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
    const nodes = await new Kvm(mesh.nats.installer).open(buckets.nodes);
    await expect
      .poll(async () => (await nodes.get("newsletter.a"))?.json())
      .toMatchObject({ plugin_id: "newsletter", spiffe_id: newsletter, host: "127.0.0.1", port: node.meshPort });
  });

  it("does not grant the plugin its listener again", async () => {
    expect(await readFile(mesh.logFile("control-plane"), "utf8")).not.toContain("refused by envoy");
  });
});
