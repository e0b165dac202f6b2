import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { inCheckout } from "../platform/checkout.ts";
import { commandPage, commandsBelow, exitCodesOf } from "../policy/policy-page.fixtures.ts";
import { addDecisionsCommands } from "./decisions-program.ts";

const page = inCheckout("docs/reference/cli-decisions.md");
const commands = commandsBelow("decisions", addDecisionsCommands);

describe("docs/reference/cli-decisions.md", () => {
  it("has every command with its options and exit codes, as the program has them", async () => {
    const [introduction = ""] = (await readFile(page, "utf8")).split("\n## `vivified");
    await expect(commandPage(introduction, commands)).toMatchFileSnapshot(page);
  });

  it.each([...commands])("%s says in --help what its exit codes mean, and speaks JSON", (_, command) => {
    expect(exitCodesOf(command).map(([code]) => code)).toEqual(expect.arrayContaining(["`0`", "`2`"]));
    expect(command.options.some(({ long }) => long === "--json")).toBe(true);
  });
});
