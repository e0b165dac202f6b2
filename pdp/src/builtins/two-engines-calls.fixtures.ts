import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultArchiveLimits, readArchive } from "../bundle/read-archive.ts";
import { runOpa } from "../bundle/run-opa.ts";
import { compilePolicy } from "../engine/compile-policy.ts";
import { createInstance, type PolicyInstance } from "../engine/policy-instance.ts";
import { bytesOf } from "../engine/wasm-text.ts";
import type { Builtin } from "./arguments.fixtures.ts";
import type { HostBuiltins } from "./host-builtin.ts";

/** One call: its arguments as tagged JSON. */
export type Call = { readonly builtin: string; readonly args: string };

const decode = `
arg(x) := x.v if x.k == "v"

arg(x) := {e | some e in x.v} if x.k == "s"

arg(x) := {{e | some e in s} | some s in x.v} if x.k == "ss"
`;

/** A function that calls each builtin by name, with the type of what came out. */
export function callerOf(builtins: readonly Builtin[]): string {
  const bodies = builtins.map((builtin) => `call(c) := typed(${callOf(builtin)}) if c.builtin == "${builtin.name}"`);
  return ["package calls", decode, "typed(x) := [type_name(x), x]", ...bodies, "answer := [x | x := call(input)]"].join(
    "\n\n",
  );
}

function callOf({ name, infix, decl }: Builtin): string {
  const args = (decl.args ?? []).map((_, index) => `arg(c.args[${index}])`);
  if (name === "walk") return `{node | walk(${args[0]}, node)}`;
  if (name === "internal.member_2") return `${args[0]} in ${args[1]}`;
  if (name === "internal.member_3") return `(${args[0]}, ${args[1]} in ${args[2]})`;
  return infix ? args.join(` ${infix} `) : `${name}(${args.join(", ")})`;
}

const textOf = ({ builtin, args }: Call): string => `{"builtin":"${builtin}","args":${args}}`;

/** What OPA's interpreter says to each call: a JSON text, numbers as it writes them. */
export async function interpreted(opa: string, folder: string, calls: readonly Call[]): Promise<string[]> {
  await writeFile(join(folder, "input.json"), `{"calls":[${calls.map(textOf).join(",")}]}`);
  const query = "[json.marshal([x | x := data.calls.call(c)]) | some c in input.calls]";
  const args = ["eval", "--data", "calls.rego", "--input", "input.json", "--format", "raw", query];
  return JSON.parse(await runOpa({ opa, cwd: folder, args }));
}

export type Compiled = { readonly opa: string; readonly folder: string; readonly capabilities: string };

/** The module of {@link callerOf}. */
export async function compiledCaller({ opa, folder, capabilities }: Compiled): Promise<Uint8Array> {
  const fixed = ["build", "--target", "wasm", "--capabilities", capabilities, "--entrypoint", "calls/answer"];
  await runOpa({ opa, cwd: folder, args: [...fixed, "--output", "calls.tar.gz", "calls.rego"] });
  const files = await readArchive(await readFile(join(folder, "calls.tar.gz")), defaultArchiveLimits);
  return files.get("policy.wasm") ?? Buffer.alloc(0);
}

/** What the Wasm engine says to each call, or the error that ended it. */
export async function computed(wasm: Uint8Array, host: HostBuiltins, calls: readonly Call[]): Promise<string[]> {
  const module = await compilePolicy(wasm);
  const code = { module, moduleBytes: wasm.length, data: {}, dataBytes: 2, maxInputBytes: 65_536, builtins: host };
  let instance: PolicyInstance | undefined;
  const answers: string[] = [];
  for (const call of calls) {
    instance ??= await createInstance(code);
    const answer = askOne(instance, call);
    if (answer.startsWith("!")) instance = undefined;
    answers.push(answer);
  }
  return answers;
}

function askOne(instance: PolicyInstance, call: Call): string {
  try {
    const text = instance.evaluate("calls/answer", bytesOf(textOf(call)), 10_000_000);
    return text.slice('[{"result":'.length, -"}]".length);
  } catch (cause) {
    return `!${String(cause)}`;
  }
}
