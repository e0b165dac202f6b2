import { join } from "node:path";
import type { PolicyBundle } from "../../bundle/policy-bundle.ts";
import { runOpa } from "../../bundle/run-opa.ts";
import { type Staged, stage } from "../../bundle/staged.ts";
import type { Question } from "../question.ts";
import { pinBuiltins } from "./pin-builtins.ts";
import { sealedCapabilities } from "./sealed-capabilities.ts";
import type { TraceEvent } from "./trace-event.ts";

export type TraceOptions = {
  /** Path of the OPA binary. */
  readonly opa: string;
  readonly bundle: Pick<PolicyBundle, "sources" | "data">;
};

/** What the interpreter said, undefined when nothing, and every step it took. */
export type Traced = { readonly value: unknown; readonly events: readonly TraceEvent[] };

/** The bundle's Rego and data, laid out for OPA as `policy/`. */
export async function stageSources({ sources, data }: TraceOptions["bundle"]): Promise<Staged> {
  const rego = [...sources].map(([path, text]) => ({ path: `policy/${path}`, bytes: Buffer.from(text) }));
  return stage([...rego, { path: "policy/data.json", bytes: Buffer.from(JSON.stringify(data)) }]);
}

/**
 * Asks OPA's interpreter, with every rule tried (no indexing), builtins saying what they said, and no way outside.
 *
 * @throws VivifiedError `invalid_config` with what OPA said, when it cannot evaluate the rules; `invalid` when what
 * builtins said is not recorded as it must be
 */
export async function traceQuestion(
  options: TraceOptions,
  question: Question,
  want: "answer" | "steps" = "steps",
): Promise<Traced> {
  await using staged = await stageSources(options.bundle);
  const { clauses, module } = pinBuiltins(question.nd_builtin_cache);
  await using asked = await stage([
    { path: "input.json", bytes: Buffer.from(JSON.stringify(question.input)) },
    { path: "pinned.rego", bytes: Buffer.from(module) },
    { path: "capabilities.json", bytes: Buffer.from(await sealedCapabilities(options.opa)) },
  ]);
  const query = `data.vivified.${question.entrypoint.replace("/", ".")}.decision${clauses}`;
  const at = (name: string) => join(asked.directory, name);
  const files = ["--data", ".", "--data", at("pinned.rego"), "--input", at("input.json")];
  const fixed = ["eval", ...files, "--capabilities", at("capabilities.json"), "--format", "json"];
  const traced = want === "steps" ? ["--explain", "full", "--disable-indexing"] : [];
  const cwd = join(staged.directory, "policy");
  const printed: Printed = JSON.parse(await runOpa({ opa: options.opa, cwd, args: [...fixed, ...traced, query] }));
  return { value: printed.result?.[0]?.expressions[0]?.value, events: printed.explanation ?? [] };
}

type Printed = {
  readonly result?: readonly { readonly expressions: readonly { readonly value: unknown }[] }[];
  readonly explanation?: readonly TraceEvent[];
};
