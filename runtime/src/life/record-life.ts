import type { DecisionRecord, Reason } from "@vivified/contracts";
import type { AuditTrail } from "../audit-trail/audit-trail.ts";
import type { Clock } from "../process/clock.ts";
import type { Logger } from "../telemetry/logger.ts";
import { type BeginLife, beginLife, type Life } from "./begin-life.ts";

type Labels = { readonly [name: string]: string };

export type LifeWords = {
  readonly action: string;
  readonly reason: Reason;
  readonly labels: Labels;
};

export type RecordLife = Omit<BeginLife, "record"> & {
  readonly trail: Pick<AuditTrail, "record" | "note">;
  readonly clock: Pick<Clock, "now">;
  readonly logger: Logger;
  /** What the process is called. */
  readonly name: string;
  readonly rules: { readonly started: string; readonly stopped: string };
  /** A record as this process writes them. */
  readonly recordOf: (words: LifeWords) => DecisionRecord;
};

/** `durable` once the record of the start is; `stop` records the end, if the start was. */
export type RecordedLife = { readonly durable: Promise<void>; readonly stop: () => Promise<void> };

/** Longer than any outage: the start is in the queue, and nothing goes before it in its chain. */
const asLongAsItTakes = 2 ** 31 - 1;

/**
 * Records start and stop of a process that writes blocks. Resolves once the record of the start is on its way.
 *
 * @throws for a directory that takes no file
 */
export async function recordLife(options: RecordLife): Promise<RecordedLife> {
  const { trail, name, rules } = options;
  const queued = Promise.withResolvers<void>();
  const record = async (labels: Labels) => {
    const words = { action: `start ${name}`, reason: reasonOf(rules.started, `The ${name} starts`), labels };
    const started = options.recordOf(words);
    const durable = trail.record(started, asLongAsItTakes);
    queued.resolve();
    await durable;
    trail.note(doneOf(started));
    return started.decision_id;
  };
  const durable = beginLife({ ...options, record });
  let life: Life | undefined;
  const known = durable.then((begun) => {
    life = begun;
  });
  known.catch(() => undefined); // whoever waits for it is told
  await Promise.race([queued.promise, known]);
  return { durable: known, stop: () => stop(life, options) };
}

/** A stop that cannot be recorded is none: the next start says so. */
async function stop(life: Life | undefined, options: RecordLife): Promise<void> {
  const { trail, name, rules, logger } = options;
  if (life === undefined) return logger.error("stop not recorded: the start was not");
  const { instance, started, end } = life;
  try {
    const reason = reasonOf(rules.stopped, `The ${name} stops`);
    const stopped = options.recordOf({ action: `stop ${name}`, reason, labels: { instance, started } });
    await trail.record(stopped);
    trail.note(doneOf(stopped));
    await end();
  } catch (err) {
    logger.error({ err }, "stop not recorded");
  }
}

const reasonOf = (rule: string, message: string): Reason => ({ rule, message, fix: "" });

const doneOf = ({ decision_id, timestamp }: DecisionRecord) =>
  ({ kind: "outcome", decision_id, timestamp, outcome: "done", duration_ms: 0 }) as const;
