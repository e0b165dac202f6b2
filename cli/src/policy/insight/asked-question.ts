import { readFile, stat } from "node:fs/promises";
import { allEntrypoints, type LoggedQuestion, type Question, readRecord } from "@vivified/pdp";
import type { AdminApi } from "../../platform/admin-api.ts";
import { findRecord } from "./find-record.ts";

/** What a command was asked about: a record of the log, or an input that nobody asked yet. */
export type AskedQuestion = {
  readonly question: Question;
  readonly logged?: LoggedQuestion;
  /** The record as it is kept. */
  readonly record?: Record<string, unknown>;
};

/**
 * Reads a decision's id, a file with its record, or a file with an input (which needs `entrypoint`).
 *
 * @throws Error that says what it is instead
 */
export async function askedQuestion(
  what: string,
  entrypoint: string | undefined,
  core: () => Promise<AdminApi>,
): Promise<AskedQuestion> {
  const isFile = await stat(what).then(
    (found) => found.isFile(),
    () => false,
  );
  const content = isFile ? await jsonOf(what) : await findRecord(await core(), what);
  if (content.decision_id === undefined && content.kind === undefined) return inputOf(what, content, entrypoint);
  const logged = readRecord(content);
  if (typeof logged !== "string") return { question: logged, logged, record: content };
  throw new Error(`${what} cannot be judged again: ${why[logged]}${saidOf(content.result)}`);
}

/** What was decided without policy says why itself. */
function saidOf(result: unknown): string {
  if (typeof result !== "object" || result === null || !("reasons" in result) || !Array.isArray(result.reasons))
    return "";
  const said = result.reasons.map((reason) => `\n  ${reason?.rule}  ${reason?.message}\n      fix: ${reason?.fix}`);
  return said.join("");
}

const why = {
  no_policy: "no policy was asked about it",
  no_input: "the question was too large to be kept",
  masked: "the log keeps less of the question than was asked (see its erased and masked)",
  outcome: "it tells what became of a decision",
  unreadable: "it is no record of a decision",
} as const;

async function jsonOf(file: string): Promise<Record<string, unknown>> {
  const value: unknown = JSON.parse(await readFile(file, "utf8"));
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw new Error(`${file} does not hold a JSON object`);
}

function inputOf(file: string, content: object, asked: string | undefined): AskedQuestion {
  const entrypoint = allEntrypoints.find((name) => name === asked);
  if (entrypoint !== undefined) return { question: { entrypoint, input: JSON.parse(JSON.stringify(content)) } };
  throw new Error(`${file} is an input: --entrypoint says of which question (${allEntrypoints.join(", ")})`);
}
