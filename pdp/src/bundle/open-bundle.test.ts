import { createHmac, generateKeyPairSync } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { VivifiedError } from "@vivified/runtime";
import { packTar, type TarHeader } from "modern-tar";
import { describe, expect, it } from "vitest";
import type { BundleKeys } from "./bundle-keys.ts";
import { parseBundleKeys } from "./bundle-keys.ts";
import { hashFile } from "./hash-file.ts";
import { type OpenBundleOptions, openBundle } from "./open-bundle.ts";
import { testSigner } from "./policies.fixtures.ts";
import { signFiles } from "./sign-files.ts";
import { writeArchive } from "./write-archive.ts";

const trusted = testSigner("security-team");

const manifest = {
  revision: "r1",
  roots: ["vivified"],
  wasm: [{ entrypoint: "vivified/rpc/invoke/decision", module: "/vivified/rpc/policy.wasm" }],
};

function content(changes: Record<string, string> = {}): Map<string, Buffer> {
  const files = {
    ".manifest": JSON.stringify(manifest),
    "data.json": '{"modes": {}, "ü": ["\u2028<&>", 1.50, -0, 1e3, null]}',
    "vivified/rpc/policy.wasm": "no Wasm yet",
    "vivified/rpc/invoke/invoke.rego": "package vivified.rpc.invoke",
  };
  return new Map(Object.entries({ ...files, ...changes }).map(([name, text]) => [name, Buffer.from(text)]));
}

async function signed(files = content(), signer = trusted.signer): Promise<Map<string, Buffer>> {
  return new Map([...files, [".signatures.json", await signFiles(files, signer)]]);
}

async function tarOf(entries: readonly Partial<TarHeader>[]): Promise<Buffer> {
  const headers = entries.map((entry) => ({ name: "a", size: 0, type: "file" as const, ...entry }));
  return gzipSync(await packTar(headers.map((header) => ({ header, body: "" }))));
}

const opening = (archive: Buffer, options: OpenBundleOptions = {}) =>
  openBundle(archive, { keys: trusted.keys, ...options });

const refusal = (fault: string) => ({ code: "policy_bundle_refused", extra: { fault } });

describe("openBundle", () => {
  it("takes what a trusted key signed, and says which key that was", async () => {
    const bundle = await opening(await writeArchive(await signed()));
    expect(bundle).toMatchObject({ revision: "r1", keyId: "security-team", serial: 0, relaxed: [], rules: [] });
    expect([...bundle.entrypoints]).toEqual([["rpc/invoke", { module: "vivified/rpc/policy.wasm", cacheable: false }]]);
    expect([...bundle.sources.values()]).toEqual(["package vivified.rpc.invoke"]);
  });

  it("refuses a bundle that nobody signed", async () => {
    await expect(opening(await writeArchive(content()))).rejects.toMatchObject(refusal("unsigned"));
  });

  it("refuses a key that is not trusted, and another key under a trusted name", async () => {
    const stranger = await writeArchive(await signed(content(), testSigner("stranger").signer));
    await expect(opening(stranger)).rejects.toMatchObject(refusal("unknown_key"));
    const impostor = await writeArchive(await signed(content(), testSigner("security-team").signer));
    await expect(opening(impostor)).rejects.toMatchObject(refusal("bad_signature"));
  });

  it("refuses a token that calls the public key a shared secret, or needs no key", async () => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const body = part({ files: [] });
    const tokens = ["HS256", "none"].map((alg) => {
      const text = `${part({ alg, kid: "security-team" })}.${body}`;
      const mac = createHmac("sha256", trusted.publicKeyPem).update(text).digest("base64url");
      return alg === "none" ? `${text}.` : `${text}.${mac}`;
    });
    for (const token of [...tokens, "", "a.b.c"]) {
      const files = content({ ".signatures.json": JSON.stringify({ signatures: [token] }) });
      await expect(opening(await writeArchive(files))).rejects.toMatchObject({ code: "policy_bundle_refused" });
    }
  });

  it.each([
    ["changed", (files: Map<string, Buffer>) => files.set("data.json", Buffer.from('{"modes": {"rpc.x": "off"}}'))],
    ["added", (files: Map<string, Buffer>) => files.set("custom/x.rego", Buffer.from("package custom"))],
    ["taken out", (files: Map<string, Buffer>) => files.delete("vivified/rpc/invoke/invoke.rego")],
  ])("refuses a bundle of which a file was %s after it was signed", async (_, change) => {
    const files = await signed();
    change(files);
    await expect(opening(await writeArchive(files))).rejects.toMatchObject(refusal("digest_mismatch"));
  });

  it("counts no hash that is broken", () => {
    expect(() => hashFile("a", Buffer.from(""), "MD5")).toThrow("bad_signature");
  });

  it("refuses an archive that was cut, at every place", async () => {
    const whole = await writeArchive(await signed());
    for (let length = 0; length < whole.length; length += Math.ceil(whole.length / 40)) {
      await expect(opening(whole.subarray(0, length))).rejects.toMatchObject({ code: "policy_bundle_refused" });
    }
    await expect(opening(whole.subarray(0, -1))).rejects.toMatchObject(refusal("truncated"));
    const tar = await packTar([{ header: { name: "a", size: 3 }, body: "abc" }]);
    await expect(opening(gzipSync(tar.subarray(0, 512)))).rejects.toMatchObject(refusal("truncated"));
  });

  it("refuses more than it takes: of bytes, of unpacked bytes, of files", async () => {
    const archive = await writeArchive(await signed());
    const tooMuch = [{ maxArchiveBytes: archive.length - 1 }, { maxUnpackedBytes: 1024 }, { maxFiles: 2 }];
    for (const limits of tooMuch) {
      await expect(opening(archive, { limits })).rejects.toMatchObject(refusal("too_large"));
    }
  });

  it("refuses a zip bomb without unpacking it", async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(1024 * 1024);
    const before = process.memoryUsage.rss();
    await expect(opening(bomb)).rejects.toMatchObject(refusal("too_large"));
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * 1024 * 1024);
  });

  it.each(["../x", "a/../../x", "/../x", "a\\..\\x", "C:/x", "a\u0001"])("refuses the path %j", async (name) => {
    await expect(opening(await tarOf([{ name }]))).rejects.toMatchObject(refusal("path_escape"));
  });

  it.each([
    ["a link", [{ name: "a", type: "symlink" as const, linkname: "/etc/passwd" }]],
    ["a hard link", [{ name: "a", type: "link" as const, linkname: "b" }]],
    ["a device", [{ name: "a", type: "character-device" as const }]],
    ["one path twice", [{ name: "/a" }, { name: "./a" }]],
  ])("refuses %s", async (_, entries) => {
    await expect(opening(await tarOf(entries))).rejects.toMatchObject(refusal("malformed"));
  });

  it.each([
    ["an empty manifest", { ".manifest": "{}" }],
    ["two readings of the manifest", { ".manifest": '{"revision": "a", "revision": "b", "wasm": []}' }],
    [
      "no question of ours",
      { ".manifest": JSON.stringify({ ...manifest, wasm: [{ ...manifest.wasm[0], entrypoint: "x" }] }) },
    ],
    [
      "two modules for one question",
      { ".manifest": JSON.stringify({ ...manifest, wasm: [manifest.wasm[0], manifest.wasm[0]] }) },
    ],
    [
      "a module that is not there",
      { ".manifest": JSON.stringify({ ...manifest, wasm: [{ ...manifest.wasm[0], module: "/x" }] }) },
    ],
    ["a revision that is no word", { ".manifest": JSON.stringify({ ...manifest, revision: "a b" }) }],
    ["data that is a list", { "data.json": "[]" }],
    ["data in two places", { "custom/data.json": "{}" }],
    ["a patch", { "patch.json": "{}" }],
    ["modes that are no modes", { "data.json": '{"modes": {"rpc.x": "maybe"}}' }],
  ])("refuses a signed bundle with %s", async (_, changes) => {
    const archive = await writeArchive(await signed(content(changes as unknown as Record<string, string>)));
    await expect(opening(archive)).rejects.toMatchObject(refusal("malformed"));
  });

  it("tells a refusal in a sentence, however much an archive that nobody signed would have it quote", async () => {
    const kid = `${"😀".repeat(50_000)}`;
    const token = [{ alg: "RS256", kid }, { files: [] }].map((part) =>
      Buffer.from(JSON.stringify(part)).toString("base64url"),
    );
    const files = content({ ".signatures.json": JSON.stringify({ signatures: [[...token, "AAAA"].join(".")] }) });
    const refused = await opening(await writeArchive(files)).catch((error: VivifiedError) => error);
    expect(refused).toMatchObject(refusal("unknown_key"));
    const { detail = "" } = refused as VivifiedError;
    expect([detail.length <= 500, detail.isWellFormed()]).toEqual([true, true]);
  });

  it("tells a refusal on one line, without what a terminal would obey", async () => {
    const modes = { "rpc.x\u001b[2J\n": "maybe" };
    const archive = await writeArchive(await signed(content({ "data.json": JSON.stringify({ modes }) })));
    await expect(opening(archive)).rejects.toMatchObject({ detail: expect.stringMatching(/^malformed: \P{Cc}+$/u) });
  });

  it("names the floor rules that are not enforced, listed or not; a customer's own do not count", async () => {
    const modes = { "rpc.not_granted": "off", "rpc.caller_trait": "report", "custom.x": "off", "rpc.y": "enforce" };
    const bundle = await opening(await writeArchive(await signed(content({ "data.json": JSON.stringify({ modes }) }))));
    expect(bundle.relaxed).toEqual([
      { rule: "rpc.not_granted", mode: "off" },
      { rule: "rpc.caller_trait", mode: "report" },
    ]);
  });
});

describe("parseBundleKeys", () => {
  it("reads keys by their id", () => {
    const text = JSON.stringify(Object.fromEntries(trusted.keys));
    expect(parseBundleKeys(text)).toEqual(trusted.keys satisfies BundleKeys);
  });

  it.each(["", "{}", "[]", '{"a": {"algorithm": "HS256", "key": "x"}}', '{"a": {"algorithm": "RS256"}}'])(
    "refuses %j: no key must not mean no check",
    (text) => {
      expect(() => parseBundleKeys(text)).toThrow("policy keys");
    },
  );

  it.each([
    ["-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "policy keys: a cannot be read"],
    [privatePem(), "policy keys: a is no public key"],
  ])("refuses a key when it reads the file, not when the first bundle comes", (key, why) => {
    expect(() => parseBundleKeys(JSON.stringify({ a: { algorithm: "RS256", key } }))).toThrow(why);
  });
});

function privatePem(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}
