import { readFile } from "node:fs/promises";
import { testSigner } from "@vivified/pdp/fixtures";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Files, files, policy } from "../insight/insight.fixtures.ts";
import type { Finding } from "./finding.ts";

const rule = `# METADATA
# title: Nothing at night
# description: Nobody calls the archive.
# custom:
#   id: custom.night
#   severity: low
#   fix: wait
deny["archive.read"] contains reason.from(rego.metadata.rule()) if input.resource.plugin == "archive"
`;
const rego = `package custom.rpc.invoke\n\nimport data.vivified.reason\n\n${rule}`;
const tests = (...bodies: string[]) => `package custom.rpc.invoke_test

import data.custom.rpc.invoke

${bodies.join("\n\n")}
`;
const holds = `test_denies if count(invoke.deny["archive.read"]) == 1 with input as {"resource": {"plugin": "archive"}}`;
const fails = `test_fails if count(invoke.deny["archive.read"]) == 2 with input as {"resource": {"plugin": "archive"}}`;
const table = `test_each[name] if {
	some name, plugin in {"archive": "archive", "other": "other"}
	count(invoke.deny["archive.read"]) == 1 with input as {"resource": {"plugin": plugin}}
}`;

let folder: Files;

beforeEach(async () => {
  folder = await files();
  await folder.write("custom/rpc/invoke/night.rego", rego);
  await folder.write("custom/rpc/invoke/night_test.rego", tests(holds));
});

afterEach(() => folder[Symbol.asyncDispose]());

const here = () => folder.path(".");
const test = (...options: string[]) => policy("test", here(), ...options);

describe("vivified policy test", () => {
  it("ends with 0 when everything holds on both engines", async () => {
    const { code, out } = await test("--threshold", "100");
    expect(out).toMatch(/coverage 100 %\n2 passed, 0 failed in /);
    expect(code).toBe(0);
  });

  it("ends with 1 for a test that does not hold, and names the cases of a table on both engines", async () => {
    await folder.write("custom/rpc/invoke/night_test.rego", tests(holds, fails, table));
    const { code, out } = await test("--json");
    const report = JSON.parse(out);
    expect([code, report.passed, report.failed]).toEqual([1, 2, 4]);
    const failed = report.results.filter(({ outcome }: { outcome: string }) => outcome === "failed");
    const told = failed.map(({ engine, name, message, row }: Record<string, unknown>) => [engine, name, message, row]);
    expect(told).toEqual([
      ["interpreter", "test_fails", "it does not hold", 7],
      ["interpreter", "test_each", "it does not hold for other", 9],
      ["wasm", "test_fails", "it does not hold", 7],
      ["wasm", "test_each", "it does not hold for other", 9],
    ]);
  });

  it.each([
    [
      "broken Rego",
      "custom/rpc/invoke/night.rego",
      "package custom.rpc.invoke\n\na := \n",
      /night\.rego:\d+:1: .*rego_parse_error/,
    ],
    [
      "a builtin that the engine lacks",
      "custom/rpc/invoke/night.rego",
      `${rego}\na := http.send({})\n`,
      /night\.rego:\d+:6: .*undefined function http\.send/,
    ],
    [
      "a case that is none",
      "cases/a.yaml",
      "cases:\n  - case: a\n    ask: rpc/call\n",
      /a\.yaml:3:10: .*\/cases\/0\/ask/,
    ],
  ])("ends with 2 and says where for %s", async (_, name, content, expected) => {
    await folder.write(name, content);
    const { code, out } = await test();
    expect(out).toMatch(expected);
    expect(code).toBe(2);
  });

  it.each([
    [["--run", "nothing_like_it"], /there is nothing to test/],
    [["--run", "("], /vivified: /],
    [["--threshold", "101"], /a number from 0 to 100/],
    [["--output", "pdf=a"], /<format>=<file>/],
    [["--bogus"], /unknown option/],
  ])("ends with 2 when it is asked wrongly: %j", async (options, expected) => {
    const { code, err } = await test(...options);
    expect(err).toMatch(expected);
    expect(code).toBe(2);
  });

  it("ends with 3 when tests reach less than was asked for", async () => {
    await folder.write(
      "custom/rpc/invoke/more.rego",
      "package custom.rpc.invoke\n\nmore if input.resource.plugin == 7\n",
    );
    const { code, out, err } = await test("--threshold", "100");
    expect(out).toMatch(/more\.rego: no test reaches 3\ncoverage \d+(\.\d+)? %/);
    expect(err).toMatch(/tests reach .* less than the 100 %/);
    expect(code).toBe(3);
  });

  it("does not call a folder without policies fine", async () => {
    const { code, err } = await policy("test", folder.path("custom/rpc"));
    expect([code, err]).toEqual([2, expect.stringContaining("holds no policies")]);
  });
});

describe("vivified policy check and fmt", () => {
  it("finds what is badly kept and what is not there, each with its place", async () => {
    expect(await policy("check", here())).toMatchObject({ code: 0, out: "✓ compile\n✓ lint\n✓ cases\n✓ modes\n" });
    await folder.write("modes.json", '{\n  "custom.night": "report",\n  "rpc.not_there": "off"\n}\n');
    await folder.write("custom/rpc/invoke/night_test.rego", tests(holds, "todo_test_later if false"));
    const { code, out } = await policy("check", here(), "--json");
    expect(code).toBe(1);
    const found = JSON.parse(out).checks.flatMap(({ findings }: { findings: Finding[] }) => findings);
    expect(found.map(({ rule, message, row }: Finding) => [rule, message, row])).toEqual([
      ["regal/bugs/constant-condition", "Constant condition", 7],
      ["regal/testing/todo-test", "TODO test encountered", 7],
      ["modes", "there is no rule rpc.not_there", 3],
    ]);
  });

  it("finds a mode that there is not", async () => {
    await folder.write("modes.json", '{"rpc.granted": "maybe"}');
    const { code, out } = await policy("check", here());
    expect(out).toMatch(/modes\.json:1:2: error: the mode of rpc\.granted is maybe, not off, report, enforce/);
    expect(code).toBe(1);
  });

  it("refuses a misspelt input where the schema is named", async () => {
    const typed = `# METADATA\n# schemas:\n#   - input: schema["rpc-invoke"]\n${rego}\nodd if input.subject.nam == 1\n`;
    await folder.write("custom/rpc/invoke/night.rego", typed);
    const { code, out } = await policy("check", here());
    expect(out).toMatch(/night\.rego:\d+:\d+: error: undefined ref: input\.subject\.nam/);
    expect(code).toBe(1);
  });

  it("lists, shows and writes OPA's form", async () => {
    const file = await folder.write("custom/rpc/invoke/more.rego", "package custom.rpc.invoke\n\nmore   if true\n");
    const listed = await policy("fmt", here(), "--check", "--json");
    expect([listed.code, JSON.parse(listed.out)]).toEqual([1, { files: [file] }]);
    expect(await policy("fmt", here(), "--diff")).toMatchObject({ code: 1, out: expect.stringContaining("more") });
    expect(await readFile(file, "utf8")).toContain("more   if");
    expect(await policy("fmt", here())).toMatchObject({ code: 0, out: `${file}\n` });
    expect(await readFile(file, "utf8")).toContain("more := true");
    expect(await policy("fmt", here(), "--check")).toMatchObject({ code: 0, out: "" });
  });
});

describe("vivified policy build", () => {
  const signed = async () => {
    const { signer, publicKeyPem } = testSigner("team");
    const key = await folder.write("key.pem", signer.privateKeyPem);
    return { options: ["--key", key, "--key-id", "team"], publicKey: await folder.write("public.pem", publicKeyPem) };
  };

  it("gives the same bytes for the same input, and says what is in them", async () => {
    await folder.write("modes.json", '{"rpc.not_granted": "report"}');
    const { options } = await signed();
    const build = (file: string) =>
      policy("build", "--customer", here(), "--serial", "7", "--output", folder.path(file), ...options, "--json");
    const [one, two] = [await build("a.tar.gz"), await build("b.tar.gz")];
    expect(await readFile(folder.path("a.tar.gz"))).toEqual(await readFile(folder.path("b.tar.gz")));
    expect(JSON.parse(one.out)).toMatchObject({
      ...{ serial: 7, key_id: "team", rules: { custom: 1 }, relaxed: [{ rule: "rpc.not_granted", mode: "report" }] },
      sha256: JSON.parse(two.out).sha256,
    });
  });

  it("ends with 2 and leaves no file for rules that do not compile, or half a key", async () => {
    const output = folder.path("a.tar.gz");
    expect((await policy("build", here(), "--output", output, "--key-id", "team")).err).toMatch(/go together/);
    await folder.write("custom/rpc/invoke/night.rego", `${rego}\na := uuid.rfc4122("x")\n`);
    const { code, err } = await policy("build", here(), "--output", output);
    expect([code, err]).toEqual([2, expect.stringMatching(/night\.rego:\d+: .*uuid\.rfc4122/s)]);
    await expect(readFile(output)).rejects.toThrow("ENOENT");
  });
});
