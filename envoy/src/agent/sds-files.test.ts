import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pluginSpiffeId, sdsFiles } from "@vivified/contracts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeSdsFiles } from "./sds-files.ts";

const svid = {
  spiffeId: pluginSpiffeId("vivified.local", "newsletter"),
  keyPem: "key",
  chainPem: "chain",
  bundlePem: "bundle",
  issuedAt: new Date(0),
  expiresAt: new Date(1),
};

describe("writeSdsFiles", () => {
  let directory = "";
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "vivified-sds-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const secret = async (path: string) => JSON.parse(await readFile(join(directory, path), "utf8")).resources[0];

  it("gives Envoy key, chain and bundle under the names that the control plane uses", async () => {
    await writeSdsFiles(directory, svid);
    expect(await secret(sdsFiles.svid.path)).toMatchObject({
      name: "svid",
      tls_certificate: { certificate_chain: { inline_string: "chain" }, private_key: { inline_string: "key" } },
    });
    expect(await secret(sdsFiles.bundle.path)).toMatchObject({
      name: "bundle",
      validation_context: { trusted_ca: { inline_string: "bundle" } },
    });
  });

  it("keeps them for their owner alone, and leaves no drafts", async () => {
    await writeSdsFiles(directory, svid);
    await writeSdsFiles(directory, { ...svid, keyPem: "next" });
    for (const { path } of Object.values(sdsFiles)) {
      expect((await stat(join(directory, path))).mode & 0o777).toBe(0o600);
    }
    expect((await stat(join(directory, "sds"))).mode & 0o777).toBe(0o700);
    expect((await readdir(join(directory, "sds"))).sort()).toEqual(["bundle.json", "svid.json"]);
  });

  it("replaces a file rather than writing into it, which is what Envoy watches for", async () => {
    await writeSdsFiles(directory, svid);
    const before = await stat(join(directory, sdsFiles.svid.path));
    await writeSdsFiles(directory, svid);
    expect((await stat(join(directory, sdsFiles.svid.path))).ino).not.toBe(before.ino);
  });
});
