import { VivifiedError } from "@vivified/runtime";
import { allEntrypoints } from "../entrypoints.ts";
import type { SourceFile } from "./read-sources.ts";
import { runOpa } from "./run-opa.ts";
import { stage } from "./staged.ts";

/** OPA's syntax tree of a module, as far as it is looked at. */
type Module = {
  readonly package: { readonly path: readonly { readonly value: string }[] };
  readonly rules?: readonly {
    readonly default?: boolean;
    readonly head: { readonly ref: readonly { readonly value: string }[]; readonly key?: unknown };
  }[];
};
type Head = { readonly path: readonly string[]; readonly name: string; readonly keys: number; readonly isSet: boolean };

const read = `{name: module | some name, text in input; module := rego.parse_module(name, text)}`;

/**
 * Refuses a customer's rules that nobody would ask, or that would be asked in vain: a rule that says nothing must not be
 * taken for one that permits. What counts is `deny[key] contains …` and `obligations[key] contains …` in a package of a
 * question; anything else in there is the rules' own business.
 *
 * @throws VivifiedError `invalid_config` with every fault, by file
 */
export async function checkCustomerRules(opa: string, files: readonly SourceFile[]): Promise<void> {
  const theirs = files.filter(({ path }) => path.startsWith("custom/") && path.endsWith(".rego"));
  if (theirs.length === 0) return;
  const texts = Object.fromEntries(theirs.map(({ path, bytes }) => [path, bytes.toString("utf8")]));
  await using staged = await stage([{ path: "input.json", bytes: Buffer.from(JSON.stringify(texts)) }]);
  const args = ["eval", "--input", "input.json", "--format", "raw", read];
  const modules: { [file: string]: Module } = JSON.parse(await runOpa({ opa, cwd: staged.directory, args }));
  const faults = theirs.flatMap(({ path }) => faultsIn(modules[path]).map((why) => `${path}: ${why}`));
  if (faults.length > 0) throw new VivifiedError("invalid_config", { detail: [...new Set(faults)].join("\n") });
}

function faultsIn(module: Module | undefined): string[] {
  if (module === undefined) return ["it cannot be parsed"];
  const {
    package: { path },
    rules = [],
  } = module;
  const names = path.map(({ value }) => value).slice(1);
  const [root, ...question] = names;
  if (root !== "custom") return [`its package is ${names.join(".")}, and a customer's is below custom`];
  return rules.map(headOf).flatMap((head) => misplaced(head, question) ?? faultOf(head, question.join("/")) ?? []);
}

function headOf({ head, default: isDefault }: NonNullable<Module["rules"]>[number]): Head {
  const isSet = head.key !== undefined && isDefault !== true;
  const path = head.ref.map(({ value }) => String(value));
  return { path, name: path[0] ?? "", keys: path.length - 1, isSet };
}

/** `invoke.deny` in `custom.rpc`, or anything in `custom.rpc.invoke.deny`: at the place of an answer, in another shape. */
function misplaced({ path }: Head, question: readonly string[]): string | undefined {
  const [lane, direction, name = ""] = [...question, ...path];
  const asked = `${lane}/${direction}`;
  const isThere = meant.has(name) && allEntrypoints.some((known) => known === asked);
  if (!isThere || question.length === 2) return undefined;
  return `${name} is written in the package custom.${lane}.${direction}`;
}

const meant = new Set(["deny", "obligations", "denials", "grounds", "decision"]);

function faultOf({ name, keys, isSet }: Head, question: string): string | undefined {
  if (!meant.has(name)) return undefined;
  if (!allEntrypoints.some((known) => known === question)) return `nobody asks the package of ${name}`;
  if (name !== "deny" && name !== "obligations")
    return `${name} is not a customer's to give; write deny or obligations`;
  if (question === "admin/access" && name === "obligations") return "access has no fields that could be obliged";
  if (question === "audit/mask" && name === "deny") return "records are always kept; write obligations";
  if (keys === 1 && isSet) return undefined;
  return `${name} counts only as \`${name}["<key>"] contains …\`; the key "*" concerns every question`;
}
