import { cp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildPolicies } from "./build-policies.ts";
import { opa, ourPolicies, scratch, writePolicies } from "./policies.fixtures.ts";
import { readPolicyDirectory } from "./policy-directory.ts";

const rule = 'decision := {"effect": "deny", "reasons": [{"rule": "x", "message": "x", "fix": ""}], "obligations": []}';

describe("buildPolicies", () => {
  it("makes one module per lane with every question in it", async () => {
    await using folder = await scratch();
    const output = folder.path("out");
    const manifest = await buildPolicies({ opa, source: ourPolicies, output });
    expect(
      Object.fromEntries(
        Object.entries(manifest.modules).map(([name, { entrypoints }]) => [name, Object.keys(entrypoints)]),
      ),
    ).toEqual({
      events: ["events/publish", "events/deliver"],
      rpc: ["rpc/invoke", "rpc/reply"],
      egress: ["egress/connect", "egress/reply"],
      admin: ["admin/access"],
      audit: ["audit/mask"],
    });
    expect((await readdir(output)).sort()).toEqual(
      ["admin.wasm", "audit.wasm", "data.json", "egress.wasm", "events.wasm", "manifest.json", "rpc.wasm"].sort(),
    );
    expect((await readPolicyDirectory(output)).manifest).toEqual(manifest);
  });

  it("gives the same revision wherever the sources lie", async () => {
    await using folder = await scratch();
    await cp(ourPolicies, folder.path("elsewhere"), { recursive: true });
    const here = await buildPolicies({ opa, source: ourPolicies, output: folder.path("a") });
    const there = await buildPolicies({ opa, source: folder.path("elsewhere"), output: folder.path("b") });
    expect(there).toEqual(here);
  });

  it("leaves a directory alone whose sources have not changed", async () => {
    await using folder = await scratch();
    const options = {
      opa,
      source: await writePolicies(folder.path("src"), { "rpc/invoke": rule }),
      output: folder.path("out"),
    };
    await buildPolicies(options);
    const before = await stat(join(options.output, "rpc.wasm"));
    await buildPolicies(options);
    expect((await stat(join(options.output, "rpc.wasm"))).ino).toBe(before.ino);
  });

  it("does not build again for a changed test", async () => {
    await using folder = await scratch();
    const options = {
      opa,
      source: await writePolicies(folder.path("src"), { "rpc/invoke": rule }),
      output: folder.path("out"),
    };
    const before = await buildPolicies(options);
    await writeFile(folder.path("src/vivified/rpc/invoke/rules_test.rego"), "package vivified.rpc.invoke_test\n");
    expect((await buildPolicies(options)).source).toBe(before.source);
  });

  it("builds anew, under another revision, when a rule or a table changes", async () => {
    await using folder = await scratch();
    await cp(ourPolicies, folder.path("src"), { recursive: true });
    const options = { opa, source: folder.path("src"), output: folder.path("out") };
    const revisions = [(await buildPolicies(options)).revision];
    await writeFile(folder.path("src/data/events/data.json"), '{"publishers": {}, "carriers": {}, "receivers": {}}');
    revisions.push((await buildPolicies(options)).revision);
    const file = folder.path("src/vivified/rpc/reply/reply.rego");
    await writeFile(file, (await readFile(file, "utf8")).replace("no longer granted", "gone"));
    revisions.push((await buildPolicies(options)).revision);
    expect(new Set(revisions).size).toBe(3);
    expect((await readPolicyDirectory(options.output)).manifest.revision).toBe(revisions[2]);
  });

  it("repairs a directory that is damaged", async () => {
    await using folder = await scratch();
    const options = {
      opa,
      source: await writePolicies(folder.path("src"), { "rpc/invoke": rule }),
      output: folder.path("out"),
    };
    const whole = await buildPolicies(options);
    await rm(join(options.output, "rpc.wasm"));
    expect(await buildPolicies(options)).toEqual(whole);
    await readPolicyDirectory(options.output);
  });

  it("lets two builds at once both succeed and leaves nothing else behind", async () => {
    await using folder = await scratch();
    const source = await writePolicies(folder.path("in/src"), { "rpc/invoke": rule });
    const options = { opa, source, output: folder.path("in/out") };
    const built = await Promise.all([1, 2, 3, 4].map(() => buildPolicies(options)));
    expect(new Set(built.map(({ revision }) => revision)).size).toBe(1);
    expect((await readdir(folder.path("in"))).sort()).toEqual(["out", "src"]);
  });

  it.each([
    ["does not parse", "decision :="],
    ["uses what the engine does not have", "decision := time.now_ns()"],
    ["would fetch something", 'decision := http.send({"method": "GET", "url": "http://x.example"})'],
    ["would match backtracking", 'decision := regex.split("(a+)+$", input.x)'],
  ])("refuses a rule that %s and keeps the old directory", async (_, broken) => {
    await using folder = await scratch();
    const source = await writePolicies(folder.path("in/src"), { "rpc/invoke": rule });
    const options = { opa, source, output: folder.path("in/out") };
    const { revision } = await buildPolicies(options);
    await writePolicies(source, { "rpc/invoke": broken });
    await expect(buildPolicies(options)).rejects.toMatchObject({ code: "invalid_config" });
    expect((await readPolicyDirectory(options.output)).manifest.revision).toBe(revision);
    expect((await readdir(folder.path("in"))).sort()).toEqual(["out", "src"]);
  });

  it("refuses a folder without policies", async () => {
    await using folder = await scratch();
    const source = await writePolicies(folder.path("src"), {});
    await expect(buildPolicies({ opa, source, output: folder.path("out") })).rejects.toMatchObject({
      code: "invalid_config",
    });
  });
});
