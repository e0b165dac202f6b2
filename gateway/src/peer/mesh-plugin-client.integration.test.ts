import { pluginSpiffeId, processSpiffeId } from "@vivified/contracts";
import { heldSvid, testAuthority } from "@vivified/runtime/fixtures";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileSnapshot } from "../snapshot/compile-snapshot.ts";
import { snapshotDocument, snapshotPlugin, trustDomain } from "../snapshot/snapshot.fixtures.ts";
import { MeshPluginClient } from "./mesh-plugin-client.ts";
import { startTargetPlugin, type TargetPlugin } from "./target-plugin.fixtures.ts";

const maxReplyBytes = 1_000;
const stack = new AsyncDisposableStack();
let target: TargetPlugin;
let client: MeshPluginClient;

beforeAll(async () => {
  const authority = await testAuthority(trustDomain);
  const spiffe_id = pluginSpiffeId(trustDomain, "people");
  target = stack.use(await startTargetPlugin(await authority.issue(spiffe_id)));
  const { port } = target;
  const node = { plugin_id: "people", instance: "1", spiffe_id, host: "127.0.0.1", port, ready_at: "" };
  const svid = heldSvid(await authority.issue(processSpiffeId(trustDomain, "gateway")));
  client = stack.use(new MeshPluginClient({ svid, nodes: { has: () => true, pick: () => node }, maxReplyBytes }));
});
afterAll(() => stack.disposeAsync());

const { plugins } = compileSnapshot(
  snapshotDocument({ plugins: ["people", "mailer"].map((id) => snapshotPlugin(id)) }),
  1,
);

function send(pluginId = "people") {
  const plugin = plugins.get(pluginId);
  if (plugin === undefined) throw new Error("fixture");
  return client.send({ plugin, method: "POST", path: "/x", headers: {}, body: "{}", timeoutMs: 5_000 });
}

describe("calling a plugin", () => {
  it("takes a reply up to the limit, and no byte more", async () => {
    target.answer = () => ({ body: "x".repeat(maxReplyBytes) });
    expect((await send()).body).toHaveLength(maxReplyBytes);
    target.answer = () => ({ body: "x".repeat(maxReplyBytes + 1) });
    await expect(send()).rejects.toMatchObject({ code: "target_failed" });
  });

  it("takes no reply that is not UTF-8", async () => {
    target.answer = () => ({ body: Buffer.from([0x7b, 0xff, 0x7d]) });
    await expect(send()).rejects.toMatchObject({ code: "target_failed" });
  });

  it("sends nothing to an instance that has another plugin's certificate", async () => {
    const before = target.received.length;
    await expect(send("mailer")).rejects.toMatchObject({ code: "target_failed" });
    expect(target.received.length).toBe(before);
  });
});
