import { readdir, readFile, readlink } from "node:fs/promises";
import { controlPlaneWriter, pluginSpiffeId, processSpiffeId } from "@vivified/contracts";
import type { Svid, SvidSource } from "@vivified/runtime";
import { readChain } from "@vivified/runtime/audit-fixtures";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aCsr } from "./ca/authority.fixtures.ts";
import { startEchoGateway, startEchoPlugin } from "./fixtures/echo-server.ts";
import { type Answer, askLane, askMesh } from "./fixtures/mesh-request.ts";
import { MeshUnderTest, type Node, trustDomain } from "./fixtures/mesh-under-test.ts";
import type { RealProcess } from "./fixtures/real-process.ts";
import { aDocument } from "./snapshot/snapshot.fixtures.ts";

const newsletter = pluginSpiffeId(trustDomain, "newsletter");

describe("the mesh recovers", () => {
  let mesh: MeshUnderTest;
  let gateway: SvidSource;
  let controlPlane: RealProcess;
  let node: Node & { readonly process: RealProcess };

  beforeAll(async () => {
    mesh = await MeshUnderTest.open();
    controlPlane = await mesh.startControlPlane();
    await mesh.snapshots.publish(aDocument({ newsletter: "active" }));
    gateway = await mesh.processSvid("gateway");
    const server = await startEchoGateway(gateway, mesh.ports.gateway);
    mesh.defer(() => server.close());
    const plugin = await startEchoPlugin();
    mesh.defer(() => plugin.server.close());
    node = await mesh.startAgent("newsletter", plugin.port);
  });
  afterAll(() => mesh?.[Symbol.asyncDispose]());

  const streamsOpened = async () =>
    (await readFile(mesh.logFile("control-plane"), "utf8")).split("ads stream opened").length;
  const lane = () => askLane({ port: node.lanePort, path: "/gateway/a/b" }).then(({ status }) => status, String);
  const call = () =>
    askMesh(
      { port: node.meshPort, path: "/" },
      { svid: gateway.current(), bundlePem: mesh.authority.bundle, expect: newsletter },
    ).then(({ status }) => status, String);

  const publish = (status: "active" | "disabled") =>
    mesh.snapshots.publish(aDocument({ newsletter: status })).then(() => "published", String);

  async function renewSvid(svid: Svid): Promise<Answer> {
    const body = JSON.stringify({ csr: await aCsr() });
    const headers = { "content-type": "application/json" };
    const ask = { port: mesh.ports.csr, path: "/v1/svid", method: "POST", headers, body };
    const expected = processSpiffeId(trustDomain, "control-plane");
    return askMesh(ask, { svid, bundlePem: mesh.authority.bundle, expect: expected });
  }

  it("from a killed control plane: Envoy keeps what it has, and a new control plane takes over", async () => {
    await controlPlane.kill("SIGKILL");
    expect([await lane(), await call()]).toEqual([200, 200]);
    await mesh.snapshots.publish(aDocument({ newsletter: "disabled" }));
    expect([await lane(), await call()]).toEqual([200, 200]);
    controlPlane = await mesh.startControlPlane();
    await expect.poll(lane, { timeout: 5_000 }).toBe(404);
    await expect.poll(call).toMatch(/ECONNREFUSED/);
    await mesh.snapshots.publish(aDocument({ newsletter: "active" }));
    await expect.poll(lane).toBe(200);
    await expect.poll(call).toBe(200);
  });

  it("from a control plane that comes back to the same snapshot: nothing changes and nothing fails", async () => {
    const before = await streamsOpened();
    await controlPlane.kill("SIGKILL");
    controlPlane = await mesh.startControlPlane();
    await expect.poll(streamsOpened, { timeout: 5_000 }).toBeGreaterThan(before);
    expect([await lane(), await call()]).toEqual([200, 200]);
  });

  it("and says in the trail that it starts, that it was killed, and that it stops", async () => {
    await controlPlane.kill("SIGTERM");
    controlPlane = await mesh.startControlPlane();
    const lives = async () => {
      const records = await readChain(mesh.installer, controlPlaneWriter);
      const told = records.flatMap((record) => (record.kind === "decision" ? [record] : []));
      const rules = told.filter(({ action }) => / control plane$/.test(action));
      return rules.map(({ result, labels }) => `${result.reasons[0]?.rule} ${labels.unclean ?? ""}`.trim());
    };
    const started = "mesh.control_plane_started";
    const expected = [started, `${started} true`, `${started} true`, "mesh.control_plane_stopped", started];
    await expect.poll(lives, { timeout: 10_000 }).toEqual(expected);
    const [first] = await readChain(mesh.installer, controlPlaneWriter);
    expect(first).toMatchObject({
      lane: "mesh",
      action: "start control plane",
      labels: {
        "is.NATS_PASSWORD": "[secret]",
        "is.PROCESS_KEYS": expect.stringMatching(/^control-plane sha256:/),
      },
    });
  });

  it("from a killed Envoy: the agent starts another", async () => {
    const before = await envoyPid(mesh.agentDirectory("newsletter"));
    process.kill(before, "SIGKILL");
    await expect.poll(() => envoyPid(mesh.agentDirectory("newsletter")), { timeout: 5_000 }).not.toBe(before);
    await expect.poll(lane, { timeout: 5_000 }).toBe(200);
    await expect.poll(call, { timeout: 5_000 }).toBe(200);
  });

  it("nothing from a killed agent: its Envoy goes with it", async () => {
    const pid = await envoyPid(mesh.agentDirectory("newsletter"));
    await node.process.kill("SIGKILL");
    await expect.poll(() => isAlive(pid)).toBe(false);
    await expect.poll(lane).toMatch(/ECONNREFUSED/);
  });

  it("from a killed agent: another one starts with the kept SVID, and needs no token", async () => {
    const plugin = await startEchoPlugin();
    mesh.defer(() => plugin.server.close());
    node = await mesh.startAgent("newsletter", plugin.port, { token: "used up" });
    expect([await lane(), await call()]).toEqual([200, 200]);
  });

  it("from a listener that Envoy refuses: it is logged once, never sent again, and nothing else is changed", async () => {
    const taken = await startEchoPlugin();
    await mesh.snapshots.publish(aDocument({ newsletter: "active", clash: "registered" }));
    const clash = await mesh.startAgent("clash", taken.port, { meshPort: taken.port });
    const status = () => askLane({ port: clash.lanePort, path: "/proxy" }).then((answer) => answer.status);
    const refusals = async () =>
      (await readFile(mesh.logFile("control-plane"), "utf8"))
        .split("\n")
        .filter((line) => /refused by envoy/.test(line));
    await mesh.snapshots.publish(aDocument({ newsletter: "active", clash: "active" }));
    await expect.poll(refusals).toHaveLength(1);
    expect(JSON.parse((await refusals())[0] ?? "")).toMatchObject({
      node: "clash~a",
      names: ["mesh"],
      error_detail: expect.stringContaining("Address already in use"),
      nacks: 1,
    });
    await mesh.snapshots.publish({
      ...aDocument({ newsletter: "active", clash: "active" }),
      event_types: [{ type: "A" }],
    });
    expect(await status()).toBe(404);
    taken.server.close();
    await clash.process.kill("SIGTERM");
    const again = await mesh.startAgent("clash", 9, { meshPort: taken.port });
    expect(await askLane({ port: again.lanePort, path: "/proxy" })).toMatchObject({ status: 200 });
    expect(await refusals()).toHaveLength(1);
  });

  it("from NATS being away: SVIDs are renewed, lanes work, and a change arrives once it is back", async () => {
    await mesh.nats.kill();
    expect([await lane(), await call()]).toEqual([200, 200]);
    const renewed = await renewSvid(gateway.current());
    await mesh.nats.start();
    expect(renewed).toMatchObject({ status: 200 });
    await expect.poll(() => publish("disabled"), { timeout: 10_000 }).toBe("published");
    await expect.poll(lane, { timeout: 5_000 }).toBe(404);
    await publish("active");
    await expect.poll(lane, { timeout: 5_000 }).toBe(200);
  });

  it("nothing from a stopped agent: its Envoy is stopped too", async () => {
    const pid = await envoyPid(mesh.agentDirectory("newsletter"));
    await node.process.kill("SIGTERM");
    expect(node.process.child.exitCode).toBe(0);
    expect(await isAlive(pid)).toBe(false);
  });
});

describe("an agent without configuration", () => {
  it("opens no lane, does not say that it is ready, and can be stopped", async () => {
    await using mesh = await MeshUnderTest.open();
    await mesh.startControlPlane(); // and no snapshot
    const node = await mesh.launchAgent("newsletter", 9);
    let ready = false;
    node.process.child.once("message", () => {
      ready = true;
    });
    await expect.poll(() => envoyPid(mesh.agentDirectory("newsletter")), { timeout: 10_000 }).not.toBe(0);
    const pid = await envoyPid(mesh.agentDirectory("newsletter"));
    await expect(askLane({ port: node.lanePort, path: "/plugins/register" })).rejects.toThrow(/ECONNREFUSED/);
    await node.process.kill("SIGTERM");
    expect([node.process.child.exitCode, ready, await isAlive(pid)]).toEqual([0, false, false]);
  });
});

/** The Envoy that works in a directory, found among all processes. */
async function envoyPid(directory: string): Promise<number> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const [cwd, command] = await Promise.all([
      readlink(`/proc/${pid}/cwd`).catch(() => ""),
      readFile(`/proc/${pid}/comm`, "utf8").catch(() => ""),
    ]);
    if (cwd === directory && command.startsWith("envoy")) return Number(pid);
  }
  return 0;
}

/** A process that nobody has waited for yet is dead all the same. */
async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "gone) Z");
  return !/\) [ZX]/.test(stat);
}
