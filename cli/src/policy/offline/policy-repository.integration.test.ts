import { execFile } from "node:child_process";
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { inCheckout } from "../../platform/checkout.ts";

const example = inCheckout("examples/policy-repository");
const commands = await commandsOf(join(example, ".github/workflows/policy.yml"));
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "vivified-example-"));
  await cp(example, join(folder, "policies"), { recursive: true });
  const vivified = join(folder, "vivified");
  await writeFile(vivified, `#!/bin/sh\nexec "${process.execPath}" "${inCheckout("cli/src/main.ts")}" "$@"\n`);
  await chmod(vivified, 0o755);
});

afterEach(() => rm(folder, { recursive: true }));

/** The workflow's own commands; the others fetch things and talk to GitHub. */
async function commandsOf(workflow: string): Promise<{ name: string; run: string }[]> {
  const { jobs } = parse(await readFile(workflow, "utf8"));
  return jobs.policy.steps.filter(({ run = "" }) => run.startsWith("vivified policy"));
}

/** Runs a step as GitHub does. @returns its exit code and what it said */
function perform(name: string): Promise<{ code: number; said: string }> {
  const run = commands.find((command) => command.name === name)?.run ?? expect.fail(`there is no step ${name}`);
  const env = { ...process.env, NO_COLOR: "1", PATH: `${folder}${delimiter}${process.env.PATH}` };
  return new Promise((resolve) => {
    execFile("bash", ["-e", "-c", run], { cwd: join(folder, "policies"), env }, (error, stdout, stderr) => {
      resolve({ code: Number(error?.code ?? 0), said: `${stdout}${stderr}` });
    });
  });
}

const written = (name: string) => readFile(join(folder, "policies", name), "utf8");
const change = async (name: string, how: (text: string) => string) =>
  writeFile(join(folder, "policies", name), how(await written(name)));

describe("a customer's policy repository", () => {
  it("checks, formats, tests and replays in its workflow", () => {
    expect(commands.map(({ name }) => name)).toEqual([
      ...["Check", "Format", "Test on both engines", "Judge real traffic again"],
    ]);
  });

  it("passes every step", async () => {
    for (const { name } of commands) expect(await perform(name), name).toEqual({ code: 0, said: "" });
    expect(await written("junit.xml")).toContain('tests="10" failures="0" errors="0"');
    expect(await written("lcov.info")).toContain("SF:custom/rpc/invoke/diagnoses.rego");
    expect(JSON.parse(await written("check.sarif"))).toMatchObject({ version: "2.1.0", runs: [{ results: [] }] });
    expect(await written("impact.md")).toMatch(/allow → deny.*custom\.no_health_data_by_mail.*yes/);
  });

  it("fails at the line of a rule that does not hold its tests", async () => {
    await change("custom/rpc/invoke/diagnoses.rego", (rego) => rego.replace('"phi" in', '"financial" in'));
    const { code, said } = await perform("Test on both engines");
    expect(code).toBe(1);
    expect(said).toContain("::error file=custom/rpc/invoke/diagnoses_test.rego,line=");
    expect(said).toContain("::error file=cases/mail.yaml,line=18,col=5,title=case::a diagnosis is not mailed (wasm)");
  });

  it("fails for a change of real traffic that nobody declared, and tells it all the same", async () => {
    await change("expected-changes.yaml", () => "flips: []\n");
    expect((await perform("Judge real traffic again")).code).toBe(1);
    expect(await written("impact.md")).toMatch(/allow → deny.*custom\.no_health_data_by_mail.*no/);
  });

  it("fails for a rule in another package, or with another name than those that there are", async () => {
    await change("modes.json", () => '{"rpc.not_there": "off"}');
    expect(await perform("Check")).toEqual({
      code: 1,
      said: "::error file=modes.json,line=1,col=2,title=modes::there is no rule rpc.not_there\n",
    });
    await change("custom/rpc/invoke/diagnoses.rego", (rego) =>
      rego.replace("package custom.rpc", "package vivified.rpc"),
    );
    const { code, said } = await perform("Check");
    expect(code).toBe(1);
    expect(said).toMatch(/custom\/rpc\/invoke\/diagnoses\.rego/);
  });
});
