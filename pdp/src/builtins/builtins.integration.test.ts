import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { bundleOf, opa, ourPolicies, type Scratch, scratch } from "../bundle/policies.fixtures.ts";
import { argumentsOf, type Builtin } from "./arguments.fixtures.ts";
import { canonical } from "./canonical-value.fixtures.ts";
import { hostBuiltins } from "./host-builtins.ts";
import { callerOf, compiledCaller, computed, interpreted } from "./two-engines-calls.fixtures.ts";

/** Resolved by the compiler, or not to be called by name. */
const notCalled = new Set(["eq", "assign", "internal.member_2", "internal.member_3", "rego.metadata.rule"]);
const capabilities = join(ourPolicies, "capabilities.json");
const callsOfEach = 150;

async function allowed(): Promise<readonly Builtin[]> {
  const { builtins }: { builtins: Builtin[] } = JSON.parse(await readFile(capabilities, "utf8"));
  return builtins.filter(({ name }) => !notCalled.has(name));
}

describe("every builtin that a rule may call", () => {
  let differences: readonly string[] = [];
  let asked = 0;

  beforeAll(async () => {
    await using folder = await scratch();
    const builtins = await allowed();
    const place = folder.path(".");
    await writeFile(join(place, "calls.rego"), callerOf(builtins));
    const seed = Math.trunc(Math.random() * 2 ** 31);
    const calls = builtins.flatMap((builtin) =>
      argumentsOf(builtin, callsOfEach, seed).map((args) => ({ builtin: builtin.name, args })),
    );
    const wanted = await interpreted(opa, place, calls);
    const given = await computed(await compiledCaller({ opa, folder: place, capabilities }), hostBuiltins, calls);
    asked = calls.length;
    differences = calls.flatMap(({ builtin, args }, index) => {
      const [theirs, ours] = [wanted[index] ?? "", given[index] ?? ""];
      return canonical(theirs) === canonical(ours) ? [] : [`seed ${seed} ${builtin}(${args}): ${theirs}, and ${ours}`];
    });
  }, 180_000);

  it("gives the value that OPA's interpreter gives, or none where it gives none", () => {
    expect(asked).toBeGreaterThan(5_000);
    expect(differences).toEqual([]);
  });
});

describe("a builtin that is not allowed", () => {
  it.each([
    ["arithmetic", "input.a + 1", "plus"],
    ["the difference of numbers", "input.a - 1", "minus"],
    ["the time", "time.now_ns()", "time.now_ns"],
    ["JSON in text", "json.unmarshal(input.a)", "json.unmarshal"],
    ["globs", 'glob.match("*", [], input.a)', "glob.match"],
    ["backtracking", 'regex.split("a", input.a)', "regex.split"],
    ["the network", 'http.send({"url": input.a})', "http.send"],
    ["the order of a set", 'concat(",", {"a", "b"})', "concat"],
  ])("is refused when the bundle is built, with its name and place: %s", async (_, call, name) => {
    await using folder: Scratch = await scratch();
    const building = bundleOf(folder.path("src"), { "rpc/invoke": `decision := ${call}` });
    await expect(building).rejects.toMatchObject({
      code: "invalid_config",
      detail: expect.stringMatching(new RegExp(`rules\\.rego:3: .*${name.replace(".", "\\.")}`)),
    });
  });
});
