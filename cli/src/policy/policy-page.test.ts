import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { inCheckout } from "../platform/checkout.ts";
import { commandPage, exitCodesOf, policyCommands } from "./policy-page.fixtures.ts";

const page = inCheckout("docs/reference/cli-policy.md");

describe("docs/reference/cli-policy.md", () => {
  it("has every command with its options and exit codes, as the program has them", async () => {
    const [introduction = ""] = (await readFile(page, "utf8")).split("\n## `vivified");
    await expect(commandPage(introduction, policyCommands())).toMatchFileSnapshot(page);
  });
});

describe("vivified policy", () => {
  it.each([...policyCommands()])("%s says in --help what its exit codes mean, and speaks JSON", (name, command) => {
    const codes = exitCodesOf(command).map(([code]) => code);
    expect(codes).toEqual(expect.arrayContaining(["`0`", "`2`"]));
    const writesYaml = name === "vivified policy case";
    expect(command.options.some(({ long }) => long === "--json")).toBe(!writesYaml);
  });
});
