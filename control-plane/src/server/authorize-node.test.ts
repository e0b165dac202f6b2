import { pluginSpiffeId } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import type { WireNode } from "./ads-messages.ts";
import { authorizeNode } from "./authorize-node.ts";

const peer = {
  spiffeId: pluginSpiffeId("vivified.local", "newsletter"),
  pluginId: "newsletter",
  expiresAt: new Date(Date.now() + 60_000),
};
const place = { mesh_host: { stringValue: "127.0.0.1" }, mesh_port: { numberValue: 9000 } };
const aNode = (fields: NonNullable<WireNode["metadata"]>["fields"], id = "newsletter~1"): WireNode => ({
  id,
  metadata: fields === undefined ? {} : { fields },
});

describe("authorizeNode", () => {
  it("takes a node that names the plugin of its SVID, and where its listener goes", () => {
    expect(authorizeNode(aNode(place), peer)).toEqual({
      pluginId: "newsletter",
      instance: "1",
      mesh: { host: "127.0.0.1", port: 9000 },
    });
  });

  it.each([
    ["no node", undefined],
    ["another plugin's id", aNode(place, "user-management~1")],
    ["no metadata", aNode(undefined)],
    ["a value that is not there", aNode({ ...place, mesh_host: null })],
    ["a port that is no port", aNode({ ...place, mesh_port: { numberValue: Number.NaN } })],
  ])("refuses %s", (_what, node) => {
    expect(authorizeNode(node, peer)).toBeUndefined();
  });

  it("is not put off by names that other code would stumble over", () => {
    const odd = Object.fromEntries(["__proto__", "constructor"].map((name) => [name, { stringValue: "x" }]));
    expect(authorizeNode(aNode({ ...place, ...odd, half: { stringValue: "\ud800" } }), peer)).toBeDefined();
  });
});
