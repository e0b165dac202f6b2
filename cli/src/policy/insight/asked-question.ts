import { readFile, stat } from "node:fs/promises";
import { allEntrypoints, type LoggedQuestion, type Question, readRecord } from "@vivified/pdp";
import { findDecision } from "../../decisions/find-decision.ts";
import type { AdminApi } from "../../platform/admin-api.ts";
import { whyUnjudged } from "./why-unjudged.ts";

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
  if (!isFile && /[./\\]/.test(what)) throw new Error(`there is no file ${what}`);
  const content = isFile ? await jsonOf(what) : { ...(await findDecision(await core(), what)).record };
  if (content.decision_id === undefined && content.kind === undefined) return inputOf(what, content, entrypoint);
  const logged = readRecord(content);
  if (typeof logged !== "string") return { question: logged, logged, record: content };
  throw new Error(`${what} cannot be judged again: ${whyUnjudged[logged]}${saidOf(content.result)}`);
}

/** What was decided without policy says why itself. */
function saidOf(result: unknown): string {
  if (typeof result !== "object" || result === null || !("reasons" in result) || !Array.isArray(result.reasons))
    return "";
  const said = result.reasons.map((reason) => `\n  ${reason?.rule}  ${reason?.message}\n      fix: ${reason?.fix}`);
  return said.join("");
}

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
