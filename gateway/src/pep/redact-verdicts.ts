import { type DecisionRecord, isJsonObject, type JsonValue, type Reason, type Verdict } from "@vivified/contracts";

export type RedactedVerdicts = {
  readonly verdicts: Pick<DecisionRecord, "result" | "policy_result">;
  /** JSON Pointers of the texts that were replaced. */
  readonly places: readonly string[];
};

type Verdicts = RedactedVerdicts["verdicts"];

/**
 * A record's verdicts without texts that quote one of `values`: a rule may name what it is about. Rules, actions and
 * paths are names and stay.
 */
export function redactVerdicts({ result, policy_result }: Verdicts, values: readonly JsonValue[]): RedactedVerdicts {
  const quotes = [...new Set(values.flatMap(textsOf))];
  const places: string[] = [];
  const redact = (verdict: Verdict, at: string) => redactVerdict(verdict, { quotes, places, at });
  const verdicts = {
    result: redact(result, "/result"),
    ...(policy_result && { policy_result: redact(policy_result, "/policy_result") }),
  };
  return { verdicts, places };
}

type Redacting = { readonly quotes: readonly string[]; readonly places: string[]; readonly at: string };

function redactVerdict(verdict: Verdict, { at, ...rest }: Redacting): Verdict {
  const { reasons, would_deny } = verdict;
  const redact = (list: readonly Reason[], name: string) =>
    list.map((reason, index) => redactReason(reason, { ...rest, at: `${at}/${name}/${index}` }));
  return {
    ...verdict,
    reasons: redact(reasons, "reasons"),
    ...(would_deny && { would_deny: redact(would_deny, "would_deny") }),
  };
}

function redactReason(reason: Reason, { quotes, places, at }: Redacting): Reason {
  const redact = (name: "message" | "fix"): string => {
    if (!quotes.some((quote) => reason[name].includes(quote))) return reason[name];
    places.push(`${at}/${name}`);
    return "REDACTED";
  };
  return { ...reason, message: redact("message"), fix: redact("fix") };
}

/** What a text that quotes a value holds. */
function textsOf(value: JsonValue): string[] {
  if (isJsonObject(value)) return Object.values(value).flatMap(textsOf);
  return value === null || value === "" ? [] : [String(value)];
}
