import type { Clock } from "@vivified/runtime";
import type { LogStore } from "../../transparency/index.ts";
import type { AlertRule, Finding } from "../finding.ts";

export type CosignatureLateDeps = {
  readonly store: Pick<LogStore, "newest" | "cosignedBy">;
  /** Names of the witnesses that are asked. */
  readonly witnesses: readonly string[];
  readonly clock: Clock;
  readonly lateMs: number;
};
type Waiting = { readonly cosigned: number; readonly sinceMs: number };

/**
 * A witness has signed nothing for too long, though there is something to sign: it is away, or it refuses, as one does
 * that has seen another history of the log.
 */
export function cosignatureLate({ store, witnesses, clock, lateMs }: CosignatureLateDeps): AlertRule {
  const waiting = new Map<string, Waiting>();
  const lookAt = async (witness: string, signed: number): Promise<Finding[]> => {
    const cosigned = await store.cosignedBy(witness);
    if (cosigned >= signed) waiting.delete(witness);
    else if (waiting.get(witness)?.cosigned !== cosigned)
      waiting.set(witness, { cosigned, sinceMs: clock.monotonicMs() });
    const since = waiting.get(witness)?.sinceMs;
    if (since === undefined || clock.monotonicMs() - since < lateMs) return [];
    return [findingOf(witness, { cosigned, signed }, clock.now())];
  };
  const look = async () => {
    const signed = (await store.newest())?.size ?? 0;
    return (await Promise.all(witnesses.map((witness) => lookAt(witness, signed)))).flat();
  };
  return { name: "cosignature_late", look, ends: 0 };
}

function findingOf(witness: string, sizes: { cosigned: number; signed: number }, evidenceAt: Date): Finding {
  const message = `The witness signed ${sizes.cosigned} of ${sizes.signed} records and no more: it is away, or has seen another log`;
  const labels = { cosigned: String(sizes.cosigned), signed: String(sizes.signed) };
  return { rule: "cosignature_late", subject: `witness ${witness}`, severity: "high", message, evidenceAt, labels };
}
