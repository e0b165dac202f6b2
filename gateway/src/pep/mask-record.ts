import type { Attributes, Decision, DecisionRecord, JsonObject, PolicyInputs } from "@vivified/contracts";
import type { FieldDictionary } from "@vivified/pdp";
import { applyObligations } from "./apply-obligations.ts";
import type { FieldKeys } from "./field-keys.ts";
import { type Lessening, lesseningsOf, withLess } from "./keep-less.ts";
import { describeValues, recordedValues } from "./recorded-values.ts";
import { redactVerdicts } from "./redact-verdicts.ts";

export type MaskRecordDeps = {
  /** The policy in force. @throws VivifiedError `policy_missing` 503 */
  readonly policy: () => {
    readonly decide: (entrypoint: "audit/mask", input: PolicyInputs["audit/mask"]) => Promise<Decision>;
    readonly dictionary: FieldDictionary;
  };
  readonly fieldKeys: FieldKeys;
  /** Nothing of a record's values was kept, because policy did not say what may be. `cause` quotes no values. */
  readonly onErased: (decisionId: string, cause: unknown) => void;
};

/**
 * The record as the log may keep it: `audit/mask` is asked about the values in its `input`, its obligations are applied
 * to them, and `erased` and `masked` say where (JSON Pointers into the record, as in OPA's decision log). Texts of the
 * verdict that quote such a value are redacted too. When policy cannot say, or what it says cannot be applied, every
 * value is erased. Never rejects, and asks nothing about a record without values.
 */
export async function maskRecord(record: DecisionRecord, deps: MaskRecordDeps): Promise<DecisionRecord> {
  const { input = {} } = record;
  const values = recordedValues(input);
  if (values === undefined) return record;
  const kept = await keptOf(values, record, deps).catch((cause: unknown) => {
    deps.onErased(record.decision_id, cause);
    return values.resource === undefined ? {} : { resource: {} };
  });
  const lessenings = lesseningsOf(values, kept, "/input");
  if (lessenings.length === 0) return record;
  return { ...told(record, lessenings), input: withLess(input, values, kept) };
}

/** What may be kept of a record's values. @throws Error when policy does not say */
async function keptOf(values: JsonObject, record: DecisionRecord, deps: MaskRecordDeps): Promise<JsonObject> {
  const { decide, dictionary } = deps.policy();
  const { lane, entrypoint } = record;
  const fields = describeValues(values, dictionary);
  const attributes = (values.attributes ?? {}) as Attributes;
  const asked = await decide("audit/mask", { lane, entrypoint, fields, attributes });
  const { decision, payload } = applyObligations(asked, values, deps.fieldKeys);
  if (decision.effect === "deny") throw new Error(decision.reasons.map(({ rule }) => rule).join(", "));
  return payload;
}

/** The record with its lists, and with verdicts that quote nothing of what is not kept. */
function told(record: DecisionRecord, lessenings: readonly Lessening[]): DecisionRecord {
  const values = lessenings.map(({ was }) => was);
  const { verdicts, places } = redactVerdicts(record, values);
  const pointersOf = (wanted: Lessening["kind"]) =>
    lessenings.flatMap(({ kind, pointer }) => (kind === wanted ? [pointer] : []));
  const [erased, masked] = [pointersOf("erased").sort(), [...pointersOf("masked"), ...places].sort()];
  return { ...record, ...verdicts, ...(erased.length > 0 && { erased }), ...(masked.length > 0 && { masked }) };
}
