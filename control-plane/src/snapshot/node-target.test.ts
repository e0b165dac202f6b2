import type { SnapshotDocument, SnapshotPlugin } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { typeUrls } from "../resources/envoy-object.ts";
import { someSettings } from "../resources/mesh-settings.fixtures.ts";
import { resourceEncoder } from "../server/protobuf/encode-resource.ts";
import { loadEnvoyProtos } from "../server/protobuf/envoy-protos.ts";
import { danglingClusters } from "./check-consistency.ts";
import { nodeResources } from "./node-resources.ts";
import { nodeTarget } from "./node-target.ts";
import { aDocument } from "./snapshot.fixtures.ts";

const node = { pluginId: "newsletter", instance: "a", mesh: { host: "127.0.0.1", port: 9001 } };
const deps = { encode: resourceEncoder(loadEnvoyProtos()), settings: someSettings() };
type Status = SnapshotPlugin["status"];

const target = (document: SnapshotDocument) => nodeTarget(document, node, deps);
const versionOf = (document: SnapshotDocument, type: keyof typeof typeUrls, name: string) =>
  target(document).get(typeUrls[type])?.get(name)?.version;

describe("nodeTarget", () => {
  it("gives an approved plugin a listener, and its lanes", () => {
    const resources = nodeResources(aDocument({ newsletter: "active" }), node, someSettings());
    expect([...(resources.get(typeUrls.listener)?.keys() ?? [])]).toEqual(["mesh"]);
    expect(JSON.stringify(resources.get(typeUrls.routes)?.get("lanes"))).toContain("/proxy");
  });

  it.each<[string, Record<string, Status>]>([
    ["waits for approval", { newsletter: "registered" }],
    ["was disabled", { newsletter: "disabled" }],
    ["never registered", {}],
  ])("lets a plugin that %s do nothing but register", (_, plugins) => {
    const resources = nodeResources(aDocument(plugins), node, someSettings());
    expect(resources.get(typeUrls.listener)?.size).toBe(0);
    const routes = JSON.stringify(resources.get(typeUrls.routes)?.get("lanes"));
    expect(routes.match(/"cluster":"gateway"/g)).toHaveLength(1);
    expect(routes).toContain("/plugins/register");
  });

  it("changes nothing for a node when another plugin is approved", () => {
    const before = target(aDocument({ newsletter: "active", other: "registered" }));
    expect(target(aDocument({ newsletter: "active", other: "active" }))).toEqual(before);
  });

  it("gives the same content the same version, and another content another", () => {
    const registered = aDocument({ newsletter: "registered" });
    const active = aDocument({ newsletter: "active" });
    expect(versionOf(active, "cluster", "gateway")).toBe(versionOf(registered, "cluster", "gateway"));
    expect(versionOf(active, "routes", "lanes")).not.toBe(versionOf(registered, "routes", "lanes"));
    expect(versionOf(active, "routes", "lanes")).toMatch(/^[0-9a-f]{16}$/);
  });

  it("finds references that lead nowhere", () => {
    const resources = new Map(nodeResources(aDocument({ newsletter: "active" }), node, someSettings()));
    expect(danglingClusters(resources)).toEqual([]);
    expect(danglingClusters(resources.set(typeUrls.cluster, new Map()))).toEqual(["gateway"]);
  });
});
