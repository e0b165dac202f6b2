import { readFile } from "node:fs/promises";
import { type Argument, Command, type Option } from "commander";
import { describe, expect, it } from "vitest";
import { inCheckout } from "../platform/checkout.ts";

/**
 * A page of reference is what its commands say of themselves, and each of them says what its exit codes mean and speaks
 * JSON, except those that write something else.
 */
export function describePage(
  path: string,
  commands: ReadonlyMap<string, Command>,
  others: readonly string[] = [],
): void {
  const page = inCheckout(path);
  describe(path, () => {
    it("has every command with its options and exit codes, as the program has them", async () => {
      const [introduction = ""] = (await readFile(page, "utf8")).split("\n## `vivified");
      await expect(commandPage(introduction, commands)).toMatchFileSnapshot(page);
    });

    it.each([...commands])("%s says in --help what its exit codes mean, and speaks JSON", (name, command) => {
      expect(exitCodesOf(command).map(([code]) => code)).toEqual(expect.arrayContaining(["`0`", "`2`"]));
      expect(command.options.some(({ long }) => long === "--json")).toBe(!others.includes(name));
    });
  });
}

/** `vivified <name> …` with all that hangs below it, by its whole name. */
export function commandsBelow(name: string, add: (vivified: Command) => void): ReadonlyMap<string, Command> {
  const vivified = new Command("vivified");
  add(vivified);
  const found = vivified.commands.find((command) => command.name() === name);
  return new Map((found?.commands ?? []).flatMap((command) => leaves(command, `vivified ${name}`)));
}

function leaves(command: Command, above: string): [string, Command][] {
  const name = `${above} ${command.name()}`;
  return command.commands.length === 0 ? [[name, command]] : command.commands.flatMap((child) => leaves(child, name));
}

/** A page of reference, from what the commands say of themselves. */
function commandPage(introduction: string, commands: ReadonlyMap<string, Command>): string {
  const sections = [...commands].map(([name, command]) => section(name, command));
  return `${[introduction.trim(), ...sections].join("\n\n")}\n`;
}

function section(name: string, command: Command): string {
  const usage = [name, ...command.registeredArguments.map(placeOf)].join(" ");
  const options = command.options.filter(({ hidden }) => !hidden);
  return [
    `## \`${usage}\``,
    `${sentence(command.description())}`,
    table(
      ["argument or option", "what it is"],
      [...command.registeredArguments.map(argumentRow), ...options.map(optionRow)],
    ),
    table(["exit code", "when"], exitCodesOf(command)),
  ].join("\n\n");
}

const placeOf = (argument: Argument): string => {
  const name = `${argument.name()}${argument.variadic ? "..." : ""}`;
  return argument.required ? `<${name}>` : `[${name}]`;
};
const argumentRow = (argument: Argument): string[] => [`\`${placeOf(argument)}\``, cell(argument.description)];

function optionRow({ flags, description, mandatory, argChoices, defaultValue }: Option): string[] {
  const notes = [
    ...(mandatory ? ["required"] : []),
    ...(argChoices ? [argChoices.map((choice) => `\`${choice}\``).join(", ")] : []),
    ...(defaultValue === undefined || defaultValue === false ? [] : [`default \`${defaultValue}\``]),
  ];
  return [`\`${flags}\``, cell([description, ...notes].join("; "))];
}

/** From the section of `--help` that lists them. */
function exitCodesOf(command: Command): string[][] {
  let help = "";
  command.configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  const listed = help.split("\nExit codes:\n")[1] ?? "";
  return [...listed.matchAll(/^ {2}(\d+) {2}(.+)$/gm)].map(([, code = "", when = ""]) => [`\`${code}\``, cell(when)]);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(heads), `|${"---|".repeat(heads.length)}`, ...rows.map(line)].join("\n");
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
