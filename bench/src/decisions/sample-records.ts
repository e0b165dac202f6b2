import type { DecisionRecord, OutcomeRecord } from "@vivified/contracts";
import { type Dice, dice } from "./dice.ts";
import { type DecisionKind, sampleKinds } from "./sample-kinds.ts";

export type SampleRecord = {
  readonly decision: DecisionRecord;
  readonly outcome?: OutcomeRecord;
  /** The same for records that share all but time, ids and trace. */
  readonly shape: string;
};

export type SampleSpan = {
  readonly records: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly until: number;
};

const revisionLastsMs = 14 * 24 * 60 * 60 * 1000;
/** Each activation of a policy makes a revision: one in two weeks. */
export const revisionAt = (ms: number) =>
  Math.floor(ms / revisionLastsMs)
    .toString(16)
    .padStart(16, "0");

/** So many decisions over a span of time, oldest first: 3 in 100 denied, most of the others with an outcome. */
export function* sampleRecords({ records, since, until }: SampleSpan): Generator<SampleRecord> {
  const random = dice(7);
  const kinds = sampleKinds();
  for (let nth = 0; nth < records; nth += 1) {
    const ms = Math.floor(since + ((until - since) * (nth + random.fraction())) / records);
    yield recordOf(chosen(kinds, nth, random), ms, random);
  }
}

type Chosen = { readonly kind: DecisionKind; readonly name: string };

function chosen(kinds: ReturnType<typeof sampleKinds>, nth: number, random: Dice): Chosen {
  if (nth % 1_000_000 === 4_321) return { kind: kinds.rarest, name: "rarest" };
  const of = (group: "permitted" | "denied" | "rare", at: number): Chosen => {
    const kind = kinds[group][at];
    if (kind === undefined) throw new Error(`no kind ${group} ${at}`);
    return { kind, name: `${group} ${at}` };
  };
  const share = random.fraction();
  if (share < 40 / 100_000) return of("rare", random.even(kinds.rare.length));
  return share < 0.03
    ? of("denied", random.skewed(kinds.denied.length))
    : of("permitted", random.skewed(kinds.permitted.length));
}

function recordOf({ kind, name }: Chosen, ms: number, random: Dice): SampleRecord {
  const revision = revisionAt(ms);
  const decision = decisionOf(kind, { ms, revision, random });
  const told = kind.result.effect === "deny" ? undefined : outcomeOf(decision, ms, random);
  const shape = `${name} ${revision} ${told?.outcome ?? "none"}`;
  return { decision, shape, ...(told && { outcome: told }) };
}

type Moment = { readonly ms: number; readonly revision: string; readonly random: Dice };

/** Keys in the order of canonical JSON, as what comes out of a block has them. */
function decisionOf(kind: DecisionKind, { ms, revision, random }: Moment): DecisionRecord {
  const { action, caller, entrypoint, lane, path, resource, result, target } = kind;
  return {
    action,
    caller,
    decision_id: idAt(ms, random),
    digest_key: "0011223344556677",
    entrypoint,
    kind: "decision",
    labels: { gateway: "gateway-1" },
    lane,
    path,
    payload_bytes: 200 + random.even(1_800),
    payload_digest: random.hex(64),
    resource,
    result,
    revision,
    snapshot: 12,
    ...(target !== undefined && { target }),
    timestamp: new Date(ms).toISOString(),
    trace_id: random.hex(32),
  };
}

/** A UUIDv7 of that time. */
function idAt(ms: number, random: Dice): string {
  const [time, hex] = [ms.toString(16).padStart(12, "0"), random.hex(18)];
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex.slice(0, 3)}-8${hex.slice(3, 6)}-${hex.slice(6)}`;
}

/** 2 in 100 failed, 1 in 100 never told. */
function outcomeOf({ decision_id }: DecisionRecord, ms: number, random: Dice): OutcomeRecord | undefined {
  const share = random.even(100);
  if (share === 0) return undefined;
  const duration_ms = 1 + random.skewed(200);
  const timestamp = new Date(ms + duration_ms).toISOString();
  return share <= 2
    ? { code: "target_unavailable", decision_id, duration_ms, kind: "outcome", outcome: "failed", timestamp }
    : { decision_id, duration_ms, kind: "outcome", outcome: "done", status: 200, timestamp };
}
