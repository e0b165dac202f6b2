import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { locate, toolEnvironment } from "./locate.mjs";
import { pinnedVersions } from "./pinned.mjs";

const pinned = pinnedVersions().opa;

describe("locate", () => {
  let folder;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "vivified-locate-"));
    vi.stubEnv("VIVIFIED_CACHE", join(folder, "cache"));
    vi.stubEnv("VIVIFIED_OPA", "");
    vi.stubEnv("PATH", join(folder, "path"));
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  function opaIn(place, version, wasm = "available") {
    mkdirSync(join(folder, place));
    const path = join(folder, place, "opa");
    writeFileSync(path, `#!/bin/sh\necho 'Version: ${version}'\necho 'WebAssembly: ${wasm}'\n`, { mode: 0o755 });
    return path;
  }

  it("prefers what the environment names to what is on PATH", async () => {
    opaIn("path", pinned);
    const named = opaIn("named", pinned);
    vi.stubEnv("VIVIFIED_OPA", named);
    expect((await locate(["opa"])).opa).toMatchObject({ path: named, version: pinned, why: "named by VIVIFIED_OPA" });
  });

  it("passes over what does not fit, and says so", async () => {
    const onPath = opaIn("path", pinned);
    vi.stubEnv("VIVIFIED_OPA", opaIn("named", "0.1.0"));
    const { opa } = await locate(["opa"]);
    expect(opa).toMatchObject({ path: onPath, why: "on PATH" });
    expect(opa.rejected).toMatchObject([{ version: "0.1.0", why: "named by VIVIFIED_OPA" }]);
  });

  it("passes over an OPA that cannot run Wasm", async () => {
    opaIn("path", pinned, "unavailable");
    const { opa } = await locate(["opa"]);
    expect(opa).toMatchObject({ path: undefined, rejected: [{ flaw: "built without WebAssembly" }] });
  });

  it("names every tool that was found to children, and puts our Node first", () => {
    const located = { node: { path: "/n/bin/node" }, opa: { path: "/o/opa" }, envoy: { path: undefined } };
    expect(toolEnvironment(located, { PATH: "/usr/bin" })).toEqual({
      VIVIFIED_NODE: "/n/bin/node",
      VIVIFIED_OPA: "/o/opa",
      PATH: "/n/bin:/usr/bin",
    });
  });
});
