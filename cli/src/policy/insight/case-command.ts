import { readFile, writeFile } from "node:fs/promises";
import { formatCase, type LoggedQuestion, type PolicyCase, parseCases } from "@vivified/pdp";
import type { CoreOptions } from "../../core/core-options.ts";
import { askedQuestion } from "./asked-question.ts";
import { deedOf } from "./deed.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { lazyCore } from "./lazy-core.ts";

export type CaseOptions = CoreOptions & { readonly append?: string; readonly name?: string };

/** `vivified policy case`: makes a case for `policy test` out of a logged decision; it expects what policy said then. */
export async function caseCommand(what: string, options: CaseOptions): Promise<ExitCode> {
  await using lazy = lazyCore(options);
  const { logged, record } = await askedQuestion(what, undefined, lazy.core);
  if (logged === undefined || record === undefined) throw new Error(`${what} is no record of a decision`);
  const one = caseOf(logged, options.name ?? nameOf(logged, record));
  if (options.append === undefined) console.log(written(one, undefined, "the case").trimEnd());
  else await appended(one, options.append);
  return exitCodes.fine;
}

async function appended(one: PolicyCase, file: string): Promise<void> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  await writeFile(file, written(one, text, file));
  console.log(`${file}: ${one.name}`);
}

/** @throws Error when it would not read back, as when the file has a case of that name */
function written(one: PolicyCase, text: string | undefined, file: string): string {
  const all = formatCase(one, text);
  const [fault] = parseCases(all, file).faults;
  if (fault === undefined) return all;
  throw new Error(`${file}:${fault.row}:${fault.column} ${fault.message}`);
}

function caseOf({ entrypoint, input, nd_builtin_cache, verdict }: LoggedQuestion, name: string): PolicyCase {
  const { effect, reasons, obligations, would_deny = [] } = verdict;
  const rulesOf = (all: typeof reasons) => [...new Set(all.map(({ rule }) => rule))].sort();
  const reported = would_deny.length > 0 && { would_deny: rulesOf(would_deny) };
  const expect = { effect, rules: rulesOf(reasons), obligations, ...reported };
  return { name, entrypoint, input, ...(nd_builtin_cache && { nd_builtin_cache }), expect };
}

/** The end of an id is random, so that two cases of the same deed have two names. */
function nameOf({ decision_id, verdict }: LoggedQuestion, record: Record<string, unknown>): string {
  return `${deedOf(record)}: ${verdict.effect} (${decision_id.slice(-12)})`;
}
