import { execFile } from "node:child_process";
import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  BasicConstraintsExtension,
  X509Certificate as Certificate,
  KeyUsageFlags,
  KeyUsagesExtension,
} from "@vivified/runtime/x509";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { authorityFile, readAuthority } from "./authority-file.ts";
import { createAuthority } from "./create-authority.ts";

describe("createAuthority", () => {
  let directory = "";
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "vivified-ca-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  const create = (trustDomain = "vivified.local") => createAuthority({ directory, trustDomain });

  it("makes a root as SPIFFE wants a signing certificate", async () => {
    const root = new X509Certificate((await create()).bundle);
    expect(root.ca).toBe(true);
    expect(root.subjectAltName).toBe("URI:spiffe://vivified.local");
    expect(root.publicKey.asymmetricKeyDetails).toMatchObject({ namedCurve: "prime256v1" });
    expect(root.keyUsage).toBeUndefined(); // no extended key usage: it authenticates nobody
    expect(root.verify(root.publicKey)).toBe(true);
    const { raw } = root;
    const path = new Certificate(raw).getExtension(BasicConstraintsExtension);
    expect(path).toMatchObject({ ca: true, pathLength: 0, critical: true }); // it signs leaves only
    const { keyCertSign, cRLSign } = KeyUsageFlags;
    expect(new Certificate(raw).getExtension(KeyUsagesExtension)?.usages).toBe(keyCertSign | cRLSign);
  });

  it("names the root by the hash of its DER", async () => {
    const { rootHash, bundle } = await create();
    const der = new X509Certificate(bundle).raw;
    expect(rootHash).toBe(createHash("sha256").update(der).digest("base64url"));
    expect(rootHash).toHaveLength(43);
  });

  it("keeps the key for its owner alone", async () => {
    await create();
    expect((await stat(authorityFile(directory))).mode & 0o777).toBe(0o600);
    expect(createPrivateKey(await readFile(authorityFile(directory))).asymmetricKeyType).toBe("ec");
  });

  it("leaves an authority that is there as it is", async () => {
    const first = await create();
    expect(await create()).toEqual(first);
  });

  it("makes one authority however many ask at once", async () => {
    const made = await Promise.all([create(), create(), create(), create()]);
    expect(new Set(made.map((each) => each.rootHash)).size).toBe(1);
  });

  it("refuses the directory of another trust domain", async () => {
    await create();
    await expect(create("other.example")).rejects.toMatchObject({ code: "invalid_config" });
  });

  it("refuses a key that is not the certificate's", async () => {
    await create();
    const other = await mkdtemp(join(tmpdir(), "vivified-ca-"));
    await createAuthority({ directory: other, trustDomain: "vivified.local" });
    const { readAndSwap } = await import("./authority.fixtures.ts");
    await readAndSwap(authorityFile(directory), authorityFile(other));
    await rm(other, { recursive: true });
    await expect(readAuthority(directory, "vivified.local")).rejects.toMatchObject({ code: "invalid_config" });
  });

  it("is a script that the installer can run", async () => {
    const script = join(import.meta.dirname, "../create-authority.ts");
    const { stdout } = await promisify(execFile)(process.execPath, [script, directory, "vivified.local"]);
    expect(JSON.parse(stdout)).toEqual(await create());
  });
});
