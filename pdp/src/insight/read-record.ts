import { isJsonObject, type JsonObject, type JsonValue, type NdBuiltinCache, type Verdict } from "@vivified/contracts";
import { allEntrypoints } from "../entrypoints.ts";
import type { LoggedQuestion } from "./question.ts";

/**
 * Why a record cannot be judged again: no policy was asked (`no_policy`), the question is not in the record because it was
 * too large (`no_input`) or is no longer whole because `audit/mask` kept less of it (`masked`), it tells what became of a
 * decision (`outcome`), or it is no record of ours (`unreadable`).
 */
export const unjudgedReasons = ["no_policy", "no_input", "masked", "outcome", "unreadable"] as const;
export type UnjudgedReason = (typeof unjudgedReasons)[number];

/** Reads one record of the log (`DecisionRecord`) as the question that was asked then. */
export function readRecord(record: unknown): LoggedQuestion | UnjudgedReason {
  if (!isRecord(record)) return "unreadable";
  if (record.kind === "outcome") return "outcome";
  if (record.entrypoint === "refused" || record.entrypoint === "recorded") return "no_policy";
  const { decision_id, revision, caller = "", input, nd_builtin_cache } = record;
  const entrypoint = allEntrypoints.find((name) => name === record.entrypoint);
  const verdict = record.policy_result ?? record.result;
  if (!isText(decision_id) || !isText(revision) || entrypoint === undefined || !isVerdict(verdict)) return "unreadable";
  if (!isJsonObject(input)) return "no_input";
  if (isLessened(record)) return "masked";
  const nd = isBuiltinCache(nd_builtin_cache) ? { nd_builtin_cache } : {};
  return { decision_id, revision, entrypoint, caller: `${caller}`, input, verdict, ...nd };
}

/** As OPA tells it; an empty list tells nothing. */
const isLessened = ({ erased, masked }: JsonObject): boolean =>
  [erased, masked].some((places) => Array.isArray(places) && places.length > 0);

const isRecord = (value: unknown): value is JsonObject => isJsonObject(value as JsonValue | undefined);
const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

function isVerdict(value: unknown): value is Verdict {
  if (!isRecord(value) || !["allow", "sanitize", "deny"].includes(`${value.effect}`)) return false;
  return Array.isArray(value.reasons) && Array.isArray(value.obligations);
}

const isBuiltinCache = (value: unknown): value is NdBuiltinCache =>
  isRecord(value) && Object.values(value).every((answers) => isRecord(answers));
