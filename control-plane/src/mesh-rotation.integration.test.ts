import { Agent as PlainAgent } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "node:tls";
import { pluginSpiffeId } from "@vivified/contracts";
import { meshDispatcher, type SvidSource, tlsIdentity } from "@vivified/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEchoGateway, startEchoPlugin } from "./fixtures/echo-server.ts";
import { type Answer, askLane } from "./fixtures/mesh-request.ts";
import { MeshUnderTest, type Node, trustDomain } from "./fixtures/mesh-under-test.ts";
import { Traffic } from "./fixtures/traffic.ts";
import { aDocument } from "./snapshot/snapshot.fixtures.ts";

const svidTtlSeconds = 20;
const newsletter = pluginSpiffeId(trustDomain, "newsletter");

describe("SVIDs of 20 seconds", () => {
  let mesh: MeshUnderTest;
  let gateway: SvidSource;
  let node: Node;

  beforeAll(async () => {
    mesh = await MeshUnderTest.open({ svidTtlSeconds });
    await mesh.startControlPlane();
    await mesh.snapshots.publish(aDocument({ newsletter: "active" }));
    gateway = await mesh.processSvid("gateway");
    const server = await startEchoGateway(gateway, mesh.ports.gateway);
    mesh.defer(() => server.close());
    const plugin = await startEchoPlugin();
    mesh.defer(() => plugin.server.close());
    node = await mesh.startAgent("newsletter", plugin.port);
  });
  afterAll(() => mesh?.[Symbol.asyncDispose]());

  async function serialOnMeshPort(): Promise<string> {
    const tls = tlsIdentity({ bundlePem: mesh.authority.bundle, expect: newsletter, own: gateway.current() });
    const socket = connect({ host: "127.0.0.1", port: node.meshPort, ...tls });
    await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
    const serial = socket.getPeerX509Certificate()?.serialNumber ?? "none";
    socket.destroy();
    return serial;
  }

  it("are renewed under traffic without one failed request, in either direction", { timeout: 90_000 }, async () => {
    const before = await serialOnMeshPort();
    const agent = new PlainAgent({ keepAlive: true });
    await using toPlugin = meshDispatcher({ svid: gateway, expect: newsletter });
    const origin = `https://127.0.0.1:${node.meshPort}`;
    const call = async (): Promise<Answer> => {
      const sent = toPlugin.dispatcher.request({ origin, method: "POST", path: "/call", body: "{}" });
      const { statusCode, headers, body } = await sent;
      return { status: statusCode, headers, body: await body.text() };
    };
    const post = { port: node.lanePort, path: "/gateway/a/b", method: "POST", body: "{}" };
    const headers = { "content-type": "application/json" };
    const lanes = new Traffic(() => askLane({ ...post, headers }, agent));
    const calls = new Traffic(call);
    await delay(svidTtlSeconds * 1_000 + 12_000); // every first leaf has expired, every second one was replaced too
    const [fromPlugin, fromGateway] = await Promise.all([lanes.stop(), calls.stop()]);
    agent.destroy();
    expect(fromPlugin.failures).toEqual([]);
    expect(fromGateway.failures).toEqual([]);
    expect(fromPlugin.sent).toBeGreaterThan(1_000);
    expect(fromGateway.sent).toBeGreaterThan(1_000);
    expect(await serialOnMeshPort()).not.toBe(before);
  });

  it("do not keep Envoy from hearing of changes", async () => {
    await mesh.snapshots.publish(aDocument({ newsletter: "disabled" }));
    const status = () => askLane({ port: node.lanePort, path: "/gateway/a/b" }).then((answer) => answer.status);
    await expect.poll(status, { timeout: 3_000 }).toBe(404);
  });
});
