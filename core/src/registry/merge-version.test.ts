import { canonicalJson, type Manifest, pluginSpiffeId, validateManifest } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { manifestOf } from "./manifest.fixtures.ts";
import { mergeVersion } from "./merge-version.ts";
import type { ManifestVersion, RegisteredPlugin } from "./registry-store.ts";

function versionOf(changes = {}): ManifestVersion {
  const { manifest, violations } = validateManifest(manifestOf(changes), { mode: "dev" });
  if (manifest === undefined) throw new Error(JSON.stringify(violations));
  return { manifest: manifest as Manifest, digest: canonicalJson(manifest) };
}

function pluginOf(changes: Partial<RegisteredPlugin> = {}): RegisteredPlugin {
  const rest = {
    id: "mailer",
    tenantId: "default",
    spiffeId: pluginSpiffeId("td", "mailer"),
    registeredAt: new Date(0),
  };
  return { ...rest, ...versionOf(), status: "active", grants: [], ...changes };
}
const more = { version: "2.0.0", traits: ["handles_pii", "external_service", "notifications"] };

describe("mergeVersion", () => {
  it("leaves everything as it is for the manifest in force and for the one that waits", () => {
    expect(mergeVersion(pluginOf(), versionOf())).toEqual({ kind: "unchanged" });
    expect(mergeVersion(pluginOf({ proposed: versionOf(more) }), versionOf(more))).toEqual({ kind: "unchanged" });
  });

  it("withdraws what waits when the version in force comes back", () => {
    expect(mergeVersion(pluginOf({ proposed: versionOf(more) }), versionOf())).toEqual({ kind: "withdrawn" });
  });

  it("lets an upgrade that asks for nothing new take its place", () => {
    expect(mergeVersion(pluginOf(), versionOf({ version: "1.0.1", name: "Better" }))).toMatchObject({
      kind: "upgraded",
    });
    expect(
      mergeVersion(pluginOf(), versionOf({ version: "0.9.0", allowed_domains: ["mail.demo.example"] })),
    ).toMatchObject({
      kind: "upgraded",
      diff: { added: [], removed: ["domain *.partner.example"] },
    });
  });

  it("keeps an upgrade that asks for more waiting, also for a disabled plugin", () => {
    expect(mergeVersion(pluginOf(), versionOf(more))).toMatchObject({ kind: "proposed" });
    expect(mergeVersion(pluginOf({ status: "disabled" }), versionOf(more))).toMatchObject({ kind: "proposed" });
  });

  it("holds a changed schema of an operation for more: it says what may be seen", () => {
    const endpoints = { send_mail: { path: "/send", output: { type: "object" } } };
    expect(mergeVersion(pluginOf(), versionOf({ version: "1.0.1", endpoints }))).toMatchObject({ kind: "proposed" });
  });

  it("takes any version of a plugin that nobody has approved yet", () => {
    expect(mergeVersion(pluginOf({ status: "registered" }), versionOf(more))).toMatchObject({ kind: "upgraded" });
  });

  it("refuses another manifest under a version that is in force or waits", () => {
    expect(mergeVersion(pluginOf(), versionOf({ name: "Other" }))).toMatchObject({ kind: "conflict" });
    const waiting = pluginOf({ proposed: versionOf(more) });
    expect(mergeVersion(waiting, versionOf({ ...more, name: "Other" }))).toMatchObject({ kind: "conflict" });
  });
});
