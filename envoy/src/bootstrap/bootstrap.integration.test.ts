import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type JsonObject, sdsFiles } from "@vivified/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bootstrap } from "./bootstrap.ts";
import { someNode } from "./node-settings.fixtures.ts";

const envoy = process.env.VIVIFIED_ENVOY ?? "envoy";

describe("envoy --mode validate", () => {
  let directory = "";
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "vivified-bootstrap-"));
    await mkdir(join(directory, "sds"));
    for (const { path } of Object.values(sdsFiles)) await writeFile(join(directory, path), '{"resources":[]}');
  });
  afterEach(() => rm(directory, { recursive: true }));

  async function validate(config: JsonObject): Promise<string> {
    await writeFile(join(directory, "bootstrap.json"), JSON.stringify(config));
    const args = ["--mode", "validate", "-c", "bootstrap.json", "-l", "warning"];
    const { stdout, stderr } = await promisify(execFile)(envoy, args, { cwd: directory });
    const noKeys = /Missing SDS resources/; // the files are empty here, and Envoy says so
    return (stdout + stderr)
      .split("\n")
      .filter((line) => !noKeys.test(line))
      .join("\n");
  }

  it.each([
    ["a plugin in our network", someNode()],
    ["a plugin in a namespace", someNode({ networkNamespace: "/proc/self/ns/net" })],
    ["a control plane by name", someNode({ xds: { host: "control-plane.test", port: 443 } })],
  ])("accepts the bootstrap for %s, without a warning", async (_, settings) => {
    const said = await validate(bootstrap(settings));
    expect(said).toContain("OK");
    expect(said).not.toMatch(/warning|deprecated/i);
  });

  it("refuses a bootstrap with a field that Envoy does not know", async () => {
    await expect(validate({ ...bootstrap(someNode()), nodes: {} })).rejects.toThrow(/nodes/);
  });
});
