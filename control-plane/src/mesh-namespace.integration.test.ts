import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { pluginSpiffeId } from "@vivified/contracts";
import type { SvidSource } from "@vivified/runtime";
import { freePort } from "@vivified/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Echo, startEchoGateway } from "./fixtures/echo-server.ts";
import { askLane, askMesh } from "./fixtures/mesh-request.ts";
import { MeshUnderTest, type Node, trustDomain } from "./fixtures/mesh-under-test.ts";
import { aDocument } from "./snapshot/snapshot.fixtures.ts";

const newsletter = pluginSpiffeId(trustDomain, "newsletter");
const isRoot = process.getuid?.() === 0;
const loopbackUp = "ip link set lo up && echo ready && exec sleep 1000";
const echo = `require("node:http").createServer((request, response) => {
  response.end(JSON.stringify({ url: request.url, headers: request.headers }));
}).listen(Number(process.argv[1]), "127.0.0.1", () => console.log("ready"));`;
const ask = `fetch(process.argv[1]).then(async (answer) => console.log(answer.status, await answer.text()))
  .catch((error) => console.log(String(error.cause?.code)));`;

describe.runIf(isRoot)("a plugin in an empty network namespace (as root)", () => {
  let mesh: MeshUnderTest;
  let gateway: SvidSource;
  let node: Node;
  let namespace = "";

  /** Starts a program and waits for its first word. */
  async function start(file: string, args: readonly string[]): Promise<number> {
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
    mesh.defer(() => child.kill("SIGKILL"));
    await once(child.stdout, "data");
    return child.pid ?? 0;
  }

  const inside = (code: string, argument: string) => [`--net=${namespace}`, process.execPath, "-e", code, argument];
  const askInside = async (url: string) =>
    (await promisify(execFile)("nsenter", inside(ask, url))).stdout.trim().split(/ (.*)/s);

  beforeAll(async () => {
    mesh = await MeshUnderTest.open();
    namespace = `/proc/${await start("unshare", ["--net", "sh", "-c", loopbackUp])}/ns/net`;
    await mesh.startControlPlane();
    await mesh.snapshots.publish(aDocument({ newsletter: "active" }));
    gateway = await mesh.processSvid("gateway");
    const server = await startEchoGateway(gateway, mesh.ports.gateway);
    mesh.defer(() => server.close());
    const pluginPort = await freePort();
    await start("nsenter", inside(echo, String(pluginPort)));
    node = await mesh.startAgent("newsletter", pluginPort, { networkNamespace: namespace });
  });
  afterAll(() => mesh?.[Symbol.asyncDispose]());

  it("reaches the gateway through its Envoy", async () => {
    const [status, body] = await askInside(`http://127.0.0.1:${node.lanePort}/gateway/a/b`);
    expect(status).toBe("200");
    expect(JSON.parse(body ?? "")).toMatchObject({ url: "/gateway/a/b", peer: newsletter });
  });

  it("is reached by the gateway through its Envoy", async () => {
    const client = { svid: gateway.current(), bundlePem: mesh.authority.bundle, expect: newsletter };
    const answer = await askMesh({ port: node.meshPort, path: "/hello" }, client);
    expect((JSON.parse(answer.body) as Echo).url).toBe("/hello");
  });

  it("has no way to the gateway, to the control plane or to its own Envoy's mesh listener", async () => {
    for (const port of [mesh.ports.gateway, mesh.ports.xds, mesh.ports.csr, node.meshPort]) {
      expect(await askInside(`https://127.0.0.1:${port}/`)).toEqual(["ECONNREFUSED"]);
    }
  });

  it("is the only one to find its lanes", async () => {
    await expect(askLane({ port: node.lanePort, path: "/" })).rejects.toThrow(/ECONNREFUSED/);
  });
});
