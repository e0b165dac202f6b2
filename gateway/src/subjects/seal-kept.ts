import type {
  DecisionRecord,
  JsonObject,
  JsonValue,
  KeptPayload,
  KeptPayloadRule,
  KeptPayloadSettings,
} from "@vivified/contracts";
import { type SubjectSecret, sealForSubject, VivifiedError } from "@vivified/runtime";
import type { SubjectKeys } from "./subject-keys.ts";
import { valueAt } from "./value-at.ts";

export type SealKeptDeps = {
  /** What the operator keeps; undefined while it is nothing. */
  readonly settings: () => KeptPayloadSettings | undefined;
  /** Absent where this gateway was given no subject secret. */
  readonly subjects?: {
    readonly secret: SubjectSecret;
    readonly keyOf: SubjectKeys;
  };
};

/** What a rule is looked up by. */
export type Judged = Pick<DecisionRecord, "decision_id" | "entrypoint" | "resource">;

/**
 * The fields of a payload that the operator keeps, sealed for whom they are about. Undefined when nothing is to be kept,
 * or none of it is there.
 *
 * @throws VivifiedError `malformed` 400 when there is something to keep and the payload names no data subject,
 *   `audit_unavailable` 503 when there is no key to be had: what cannot be sealed is not done.
 */
export async function sealKept(
  judged: Judged,
  payload: JsonObject,
  deps: SealKeptDeps,
): Promise<KeptPayload | undefined> {
  const settings = deps.settings();
  const rule = settings?.rules.find((one) => one.entrypoint === judged.entrypoint && one.resource === judged.resource);
  if (settings === undefined || rule === undefined) return undefined;
  const fields = keptFields(payload, rule);
  if (Object.keys(fields).length === 0) return undefined;
  if (deps.subjects === undefined) throw new VivifiedError("audit_unavailable");
  const subject = deps.subjects.secret.hash(subjectIn(payload, rule));
  const found = await deps.subjects.keyOf(subject, settings.wrap_key);
  return { subject, key: found.key, jwe: await sealForSubject(fields, found, judged.decision_id) };
}

function keptFields(payload: JsonObject, { fields }: KeptPayloadRule): JsonObject {
  const present = fields.flatMap((pointer): [string, JsonValue][] => {
    const value = valueAt(payload, pointer);
    return value === undefined ? [] : [[pointer, value]];
  });
  return Object.fromEntries(present);
}

/** Texts and whole numbers name somebody; `7` and `"7"` are the same. */
function subjectIn(payload: JsonObject, { subject }: KeptPayloadRule): string {
  const value = valueAt(payload, subject);
  if (typeof value === "string" && value !== "") return value;
  if (Number.isSafeInteger(value)) return String(value);
  throw new VivifiedError("malformed", { detail: `${subject} must name whom the payload is about` });
}
