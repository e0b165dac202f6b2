import { pluginSpiffeId } from "@vivified/contracts";
import type { PeerSvid } from "@vivified/runtime";
import { describe, expect, it } from "vitest";
import { compileSnapshot } from "../snapshot/compile-snapshot.ts";
import { snapshotDocument, snapshotPlugin, trustDomain } from "../snapshot/snapshot.fixtures.ts";
import { identifyCaller } from "./identify-caller.ts";

const now = new Date("2026-11-21T00:00:00Z");
const clock = { now: () => now, monotonicMs: () => 0 };
const snapshot = compileSnapshot(snapshotDocument({ plugins: [snapshotPlugin("caller")] }), 1);

function peer(changes: Partial<PeerSvid> = {}): PeerSvid {
  const id = pluginSpiffeId(trustDomain, "caller");
  return { id, trustDomain, path: "/plugin/caller", expiresAt: new Date(now.getTime() + 1), ...changes };
}

describe("identifyCaller", () => {
  it("knows an active plugin by its certificate", () => {
    expect(identifyCaller(peer(), snapshot, clock)).toMatchObject({ standing: "active", plugin: { id: "caller" } });
  });

  it.each([
    ["without a certificate", undefined],
    ["with a certificate that ends now", peer({ expiresAt: now })],
    ["with a certificate of another trust domain", peer({ trustDomain: "elsewhere.example" })],
  ])("knows nobody %s", (_, stranger) => {
    expect(() => identifyCaller(stranger, snapshot, clock)).toThrow("unauthenticated");
  });
});
