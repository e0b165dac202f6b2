import { describe, expect, it } from "vitest";
import { program } from "./program.ts";

/** What a command line that cannot be understood is told, and the exit code. */
async function told(...args: string[]): Promise<{ code: string; text: string }> {
  const vivified = program();
  let text = "";
  for (const command of [vivified, ...vivified.commands]) {
    command.exitOverride().configureOutput({ writeOut: (part) => (text += part), writeErr: (part) => (text += part) });
  }
  const { code } = await vivified.parseAsync(args, { from: "user" }).then(
    () => expect.fail("it was understood"),
    (error: { code: string }) => error,
  );
  return { code, text };
}

describe("the vivified command line", () => {
  it.each([
    [["up", "--bogus"], /unknown option '--bogus'.*Usage: vivified up/s],
    [["nonsense"], /unknown command 'nonsense'.*Usage: vivified/s],
    [["decisions", "--limit", "0"], /whole number from 1 to 1000.*Usage: vivified decisions/s],
    [["decisions", "--limit", "many"], /whole number from 1 to 1000/],
    [["decisions", "--effect", "maybe"], /Allowed choices are allow, sanitize, deny/],
    [["--version"], /^\d+\.\d+\.\d+\n$/],
    [["demo", "--help"], /default: a temporary folder/],
  ])("%j is told what would be right", async (args, expected) => {
    expect((await told(...args)).text.replaceAll(/\s+/g, " ").replace(/ $/, "\n")).toMatch(expected);
  });
});
