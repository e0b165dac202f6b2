import type { Grant } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { compileSnapshot } from "./compile-snapshot.ts";
import { coversHost, indexGrants } from "./grants.ts";
import { snapshotDocument, snapshotOperation, snapshotPlugin } from "./snapshot.fixtures.ts";

const egress: Grant = {
  id: "e",
  plugin: "p",
  kind: "egress",
  host: "*.Example.com",
  schemes: ["https"],
  ports: [443],
  methods: ["GET"],
  path_prefix: "/v1",
};
const target = { scheme: "https", host: "api.example.com", port: 443, method: "GET", path: "/v1/x" };

describe("coversHost", () => {
  it.each([
    ["example.com", "example.com", true],
    ["example.com", "evilexample.com", false],
    ["example.com", "a.example.com", false],
    ["*.example.com", "a.b.example.com", true],
    ["*.example.com", "example.com", true],
    ["*.example.com", "evilexample.com", false],
    ["*.example.com", "example.com.evil.org", false],
  ])("%s against %s: %s", (pattern, host, covered) => {
    expect(coversHost(pattern, host)).toBe(covered);
  });
});

describe("indexGrants", () => {
  it("finds a grant by exactly what it is about", () => {
    const grants = indexGrants([
      { id: "1", plugin: "p", kind: "rpc", target: "t", operation: "o" },
      { id: "2", plugin: "p", kind: "publish", event_type: "UserCreated" },
    ]);
    expect(grants.rpc("p", "t", "o")?.id).toBe("1");
    expect(grants.rpc("p", "t", "other")).toBeUndefined();
    expect(grants.rpc("q", "t", "o")).toBeUndefined();
    expect(grants.publish("p", "UserCreated")?.id).toBe("2");
    expect(grants.subscribe("p", "UserCreated")).toBeUndefined();
    expect(grants.rpc("p\nrpc", "t", "o")).toBeUndefined();
  });

  it("wants every part of an egress grant to fit, and a path prefix to end at a segment", () => {
    const grants = indexGrants([egress]);
    expect(grants.egress("p", target)?.id).toBe("e");
    for (const change of [
      { scheme: "http" },
      { port: 8443 },
      { method: "POST" },
      { path: "/v10" },
      { host: "x.org" },
    ]) {
      expect(grants.egress("p", { ...target, ...change })).toBeUndefined();
    }
  });
});

describe("compileSnapshot", () => {
  it("grants nothing to whoever is not active, and makes no health check callable", () => {
    const operations = [snapshotOperation("health"), snapshotOperation("run")];
    const plugins = [snapshotPlugin("p", { status: "disabled", operations })];
    const snapshot = compileSnapshot(snapshotDocument({ plugins, grants: [egress] }), 1);
    expect(snapshot.grants.egress("p", target)).toBeUndefined();
    expect([...(snapshot.plugins.get("p")?.operations.keys() ?? [])]).toEqual(["run"]);
  });
});
