import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { allEntrypoints } from "../entrypoints.ts";
import { buildBundle } from "./build-bundle.ts";
import { buildBundleFile } from "./build-bundle-file.ts";
import { openBundle } from "./open-bundle.ts";
import { opa, ourPolicies, scratch, testSigner, writePolicies } from "./policies.fixtures.ts";
import { defaultArchiveLimits, readArchive } from "./read-archive.ts";
import { runOpa } from "./run-opa.ts";
import { writeArchive } from "./write-archive.ts";

const rule = 'decision := {"effect": "deny", "reasons": [{"rule": "x", "message": "x", "fix": ""}], "obligations": []}';

async function customer(directory: string, files: Readonly<Record<string, string>>): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(directory, name, ".."), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  return directory;
}

describe("buildBundle", () => {
  it("makes one module per lane and answers every question", async () => {
    const { bundle } = await buildBundle({ opa, source: { floor: ourPolicies }, serial: 3 });
    expect([...bundle.entrypoints.keys()]).toEqual([...allEntrypoints]);
    expect([...bundle.modules.keys()].sort()).toEqual(
      ["admin", "audit", "egress", "events", "rpc"].map((lane) => `vivified/${lane}/policy.wasm`),
    );
    expect(bundle).toMatchObject({ serial: 3, relaxed: [] });
    expect(bundle.revision).toMatch(/^[0-9a-f]{16}$/);
    expect([...bundle.entrypoints.values()].every(({ cacheable }) => cacheable)).toBe(true);
  });

  it("tells every rule with what its annotations say", async () => {
    const { bundle } = await buildBundle({ opa, source: { floor: ourPolicies } });
    expect(bundle.rules.find(({ id }) => id === "rpc.not_granted")).toEqual({
      id: "rpc.not_granted",
      title: "The operation is not granted",
      description: "A plugin may call only the operations that an operator granted it.",
      severity: "high",
      fix: "grant the operation to the caller, or remove the call",
      package: "vivified.rpc.invoke",
      effect: "deny",
      floor: true,
      mode: "enforce",
    });
    expect(bundle.rules.find(({ id }) => id === "rpc.granted")?.effect).toBe("allow");
  });

  it("gives the same bytes for the same input, wherever it lies, signature included", async () => {
    await using folder = await scratch();
    await cp(ourPolicies, folder.path("elsewhere"), { recursive: true });
    const { signer } = testSigner();
    const here = await buildBundle({ opa, source: { floor: ourPolicies }, signer });
    const there = await buildBundle({ opa, source: { floor: folder.path("elsewhere") }, signer });
    expect(there.archive.equals(here.archive)).toBe(true);
  });

  it("has another revision when a rule, a table or a mode changes, and the same when only a test does", async () => {
    await using folder = await scratch();
    await cp(ourPolicies, folder.path("src"), { recursive: true });
    const source = { floor: folder.path("src") };
    const build = async () => (await buildBundle({ opa, source })).bundle.revision;
    const revisions = [await build()];
    await writeFile(folder.path("src/vivified/rpc/invoke/more_test.rego"), "package vivified.rpc.invoke_test\n");
    expect(await build()).toBe(revisions[0]);
    await writeFile(folder.path("src/data/events/data.json"), '{"publishers": {}, "carriers": {}, "receivers": {}}');
    revisions.push(await build());
    const file = folder.path("src/vivified/rpc/reply/reply.rego");
    await writeFile(file, (await readFile(file, "utf8")).replace("no longer granted", "gone"));
    revisions.push(await build());
    await writeFile(folder.path("src/modes.json"), '{"rpc.not_granted": "report"}');
    revisions.push(await build());
    expect(new Set(revisions).size).toBe(4);
  });

  it("has another revision under another serial, so that earlier rules can be published again", async () => {
    const build = (serial: number) => buildBundle({ opa, source: { floor: ourPolicies }, serial });
    const [first, again, later] = [await build(1), await build(1), await build(2)];
    expect(again.bundle.revision).toBe(first.bundle.revision);
    expect(later.bundle.revision).not.toBe(first.bundle.revision);
  });

  it("takes a customer's rules, data and modes beside the floor", async () => {
    await using folder = await scratch();
    const own = await customer(folder.path("own"), {
      "custom/rpc/invoke/night.rego": `package custom.rpc.invoke

import data.vivified.reason

# METADATA
# title: Not at night
# description: Nobody calls at night.
# custom:
#   id: custom.night
#   severity: low
#   fix: call by day
deny["a.b"] contains reason.from(rego.metadata.rule()) if input.subject.id in data.custom.acme.owls
`,
      "custom/acme/data.json": '{"owls": ["owl"]}',
      "modes.json": '{"custom.night": "report", "rpc.caller_trait": "off"}',
      "vivified/rpc/invoke/mine.rego": "package vivified.rpc.invoke\n\ngrounds contains {} if true\n",
      "data/access/data.json": '{"viewer_capable": []}',
    });
    const { bundle } = await buildBundle({ opa, source: { floor: ourPolicies, customer: own } });
    expect(bundle.data.custom).toEqual({ acme: { owls: ["owl"] } });
    expect(bundle.rules.find(({ id }) => id === "custom.night")).toMatchObject({
      package: "custom.rpc.invoke",
      effect: "deny",
      floor: false,
      mode: "report",
    });
    expect(bundle.relaxed).toEqual([{ rule: "rpc.caller_trait", mode: "off" }]);
    expect([...bundle.sources.keys()]).toContain("custom/rpc/invoke/night.rego");
    expect([...bundle.sources.keys()]).not.toContain("vivified/rpc/invoke/mine.rego");
    expect(JSON.stringify(bundle.data.access)).toContain("admin_capable");
  });

  it("refuses a customer's rule outside of package custom, wherever its file lies", async () => {
    await using folder = await scratch();
    const own = await customer(folder.path("own"), {
      "custom/sneaky.rego": 'package vivified.rpc.invoke\n\ngrounds contains {"rule": "x"} if true\n',
    });
    const building = buildBundle({ opa, source: { floor: ourPolicies, customer: own } });
    await expect(building).rejects.toMatchObject({
      code: "invalid_config",
      detail: expect.stringContaining("custom/sneaky.rego: its package is vivified.rpc.invoke"),
    });
  });

  it("refuses a customer's rule that goes by the id of one of the platform's", async () => {
    await using folder = await scratch();
    const annotation = "# METADATA\n# custom:\n#   id: rpc.not_granted\n";
    const own = await customer(folder.path("own"), {
      "custom/rpc/invoke/x.rego": `package custom.rpc.invoke\n\n${annotation}deny["a.b"] contains "x" if input.grant\n`,
    });
    const building = buildBundle({ opa, source: { floor: ourPolicies, customer: own } });
    await expect(building).rejects.toMatchObject({
      code: "invalid_config",
      detail: "custom.rpc.invoke: the id rpc.not_granted does not begin with custom.",
    });
  });

  it.each([
    ["modes that are no object", { "modes.json": "[]" }],
    ["modes that are no JSON", { "modes.json": "{" }],
    ["an unknown mode", { "modes.json": '{"rpc.not_granted": "maybe"}' }],
  ])("refuses %s", async (_, files) => {
    await using folder = await scratch();
    const own = await customer(folder.path("own"), files);
    await expect(buildBundle({ opa, source: { floor: ourPolicies, customer: own } })).rejects.toMatchObject({
      name: "VivifiedError",
    });
  });

  it.each([
    ["does not parse", "decision :=", "rules.rego:4"],
    ["would fetch something", 'decision := http.send({"method": "GET", "url": "http://x.example"})', "http.send"],
    ["would match backtracking", 'decision := regex.split("(a+)+$", input.x)', "regex.split"],
  ])("refuses a rule that %s, and says where", async (_, broken, where) => {
    await using folder = await scratch();
    const floor = await writePolicies(folder.path("src"), { "rpc/invoke": broken });
    await expect(buildBundle({ opa, source: { floor } })).rejects.toMatchObject({
      code: "invalid_config",
      detail: expect.stringContaining(where),
    });
  });

  it("refuses a folder without policies", async () => {
    await using folder = await scratch();
    const floor = await writePolicies(folder.path("src"), {});
    await expect(buildBundle({ opa, source: { floor } })).rejects.toMatchObject({ code: "invalid_config" });
  });
});

describe("OPA itself", () => {
  it("verifies a bundle that we signed, refuses it with another key, and answers from it", async () => {
    await using folder = await scratch();
    const { signer, publicKeyPem } = testSigner();
    const { archive } = await buildBundle({ opa, source: { floor: ourPolicies }, signer });
    await writeFile(folder.path("bundle.tar.gz"), archive);
    await writeFile(folder.path("key.pem"), publicKeyPem);
    await writeFile(folder.path("other.pem"), testSigner().publicKeyPem);
    const verify = (key: string) => {
      const trust = ["--verification-key", folder.path(key), "--verification-key-id", signer.keyId];
      return runOpa({ opa, cwd: folder.path("."), args: ["build", "--bundle", "bundle.tar.gz", ...trust] });
    };
    await verify("key.pem");
    await expect(verify("other.pem")).rejects.toThrow("verify");
  });

  it("signs a bundle that we verify", async () => {
    await using folder = await scratch();
    const { signer, keys } = testSigner();
    const { archive } = await buildBundle({ opa, source: { floor: ourPolicies } });
    const files = new Map(await readArchive(archive, defaultArchiveLimits));
    for (const [name, bytes] of files) {
      await mkdir(join(folder.path("bundle"), name, ".."), { recursive: true });
      await writeFile(join(folder.path("bundle"), name), bytes);
    }
    await writeFile(folder.path("key.pem"), signer.privateKeyPem);
    await writeFile(folder.path("claims.json"), JSON.stringify({ keyid: signer.keyId }));
    const sign = ["--signing-key", folder.path("key.pem"), "--claims-file", folder.path("claims.json")];
    await runOpa({ opa, cwd: folder.path("bundle"), args: ["sign", "--bundle", ".", ...sign] });
    files.set(".signatures.json", await readFile(folder.path("bundle/.signatures.json")));
    const bundle = await openBundle(await writeArchive(files), { keys });
    expect(bundle.keyId).toBe(signer.keyId);
    expect([...bundle.entrypoints.keys()]).toEqual([...allEntrypoints]);
  });
});

describe("buildBundleFile", () => {
  it("leaves a file alone whose sources have not changed, and repairs one that is damaged", async () => {
    await using folder = await scratch();
    const floor = await writePolicies(folder.path("src"), { "rpc/invoke": rule });
    const output = folder.path("bundle.tar.gz");
    const { signer } = testSigner();
    const first = await buildBundleFile({ opa, source: { floor }, signer, output });
    const { ino } = await stat(output);
    expect((await buildBundleFile({ opa, source: { floor }, signer, output })).sha256).toBe(first.sha256);
    expect((await stat(output)).ino).toBe(ino);
    await writeFile(output, (await readFile(output)).subarray(0, -20));
    expect((await buildBundleFile({ opa, source: { floor }, signer, output })).sha256).toBe(first.sha256);
    expect((await openBundle(await readFile(output))).sha256).toBe(first.sha256);
  });

  it("builds anew for another key, other capabilities or another serial", async () => {
    await using folder = await scratch();
    const floor = await writePolicies(folder.path("src"), { "rpc/invoke": rule });
    const options = { opa, source: { floor }, output: folder.path("bundle.tar.gz"), signer: testSigner().signer };
    const digests = [(await buildBundleFile(options)).sha256];
    digests.push((await buildBundleFile({ ...options, signer: testSigner().signer })).sha256);
    digests.push((await buildBundleFile({ ...options, serial: 2 })).sha256);
    expect(new Set(digests).size).toBe(3);
  });

  it("keeps the old file when the rules are refused, and leaves nothing else behind", async () => {
    await using folder = await scratch();
    const floor = await writePolicies(folder.path("in/src"), { "rpc/invoke": rule });
    const options = { opa, source: { floor }, output: folder.path("in/bundle.tar.gz") };
    const { revision } = await buildBundleFile(options);
    await writePolicies(floor, { "rpc/invoke": "decision :=" });
    await expect(buildBundleFile(options)).rejects.toMatchObject({ code: "invalid_config" });
    expect((await openBundle(await readFile(options.output))).revision).toBe(revision);
    expect((await readdir(folder.path("in"))).sort()).toEqual(["bundle.tar.gz", "src"]);
  });

  it("lets several builds at once all succeed", async () => {
    await using folder = await scratch();
    const floor = await writePolicies(folder.path("in/src"), { "rpc/invoke": rule });
    const options = { opa, source: { floor }, output: folder.path("in/bundle.tar.gz") };
    const built = await Promise.all([1, 2, 3].map(() => buildBundleFile(options)));
    expect(new Set(built.map(({ sha256 }) => sha256)).size).toBe(1);
    expect((await readdir(folder.path("in"))).sort()).toEqual(["bundle.tar.gz", "src"]);
    await rm(options.output);
  });
});
