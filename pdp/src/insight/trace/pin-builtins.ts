import type { JsonValue, NdBuiltinCache } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";

/** A query's `with` clauses, and the module with the functions that they name. */
export type PinnedBuiltins = { readonly clauses: string; readonly module: string };

const packageName = "pinned_builtins";

/**
 * Makes builtins say again what they said (`nd_builtin_cache`). One without arguments becomes a value, any other a
 * function that knows the arguments it was called with and is undefined for others.
 *
 * @throws VivifiedError `invalid` for what is no builtin's name or no list of arguments: it would become Rego
 */
export function pinBuiltins(said: NdBuiltinCache = {}): PinnedBuiltins {
  const pinned = Object.entries(said).map(([builtin, answers], index) => pin(builtin, answers, `pinned_${index}`));
  const module = [`package ${packageName}`, ...pinned.flatMap(({ functions }) => functions)].join("\n\n");
  return { clauses: pinned.map(({ clause }) => clause).join(""), module: `${module}\n` };
}

function pin(builtin: string, answers: NdBuiltinCache[string], name: string) {
  if (!/^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$/.test(builtin)) throw notRecorded(builtin);
  const only = answers["[]"];
  if (only !== undefined) return { clause: ` with ${builtin} as ${JSON.stringify(only)}`, functions: [] };
  const functions = Object.entries(answers).map(([asked, answer]) => functionFor(name, asked, answer));
  return { clause: ` with ${builtin} as data.${packageName}.${name}`, functions };
}

function functionFor(name: string, asked: string, answer: JsonValue): string {
  const values = argumentsIn(asked);
  const args = values.map((_, index) => `a${index}`).join(", ");
  return `${name}(${args}) := ${JSON.stringify(answer)} if [${args}] == ${JSON.stringify(values)}`;
}

function argumentsIn(asked: string): readonly JsonValue[] {
  try {
    const values: JsonValue = JSON.parse(asked);
    if (Array.isArray(values)) return values;
  } catch {
    // told below
  }
  throw notRecorded(asked);
}

const notRecorded = (what: string): VivifiedError =>
  new VivifiedError("invalid", { detail: `nothing that a builtin said is recorded under ${JSON.stringify(what)}` });
