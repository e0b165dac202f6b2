import { setTimeout as delay } from "node:timers/promises";
import type { AuditRecord, DecisionRecord, OutcomeRecord } from "@vivified/contracts";
import type { BlockStream } from "../audit-blocks/block-stream.ts";
import { VivifiedError } from "../errors/vivified-error.ts";
import type { Clock } from "../process/clock.ts";
import type { Logger } from "../telemetry/logger.ts";
import { ChainWriter } from "./chain-writer.ts";
import { PendingRecord } from "./pending-record.ts";
import { RecordQueue } from "./record-queue.ts";
import { TrailHealth } from "./trail-health.ts";

export type AuditTrailOptions = {
  /** Each has one block in flight. No other running process writes under one of these names. */
  readonly chains: readonly { readonly writer: string; readonly stream: BlockStream }[];
  readonly newId: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a decision waits for its record before the lane refuses. */
  readonly waitMs: number;
  /** Records that may wait at once, those in flight included; more are refused, so that memory is bounded. */
  readonly maxQueued: number;
  /** The pause after a failure. */
  readonly retryMs?: number;
};

/** Outcomes are not waited for, so they may wait a little for decisions to share a block with. */
const outcomeDelayMs = 10;
const stopTimeoutMs = 5_000;

/**
 * The record of everything, written by group commit: whatever queued becomes the next block of the first chain that is
 * free. A decision and its outcome may stand in different chains; the outcome is noted once the decision is durable, or
 * behind it in the only chain.
 */
export class AuditTrail implements AsyncDisposable {
  readonly #options: AuditTrailOptions;
  readonly #queue = new RecordQueue();
  readonly #health: TrailHealth;
  readonly #writers: readonly ChainWriter[];
  readonly #stopping = new AbortController();
  readonly #running: Promise<unknown>;

  constructor(options: AuditTrailOptions) {
    this.#options = options;
    this.#health = new TrailHealth(options.clock);
    const { newId, logger, retryMs = 100 } = options;
    const [queue, health, stopping] = [this.#queue, this.#health, this.#stopping.signal];
    const shared = { newId, logger, retryMs, queue, health, stopping };
    const neverReleased = (decisionId: string) => this.note(this.#neverReleased(decisionId));
    this.#writers = options.chains.map((chain) => new ChainWriter({ ...shared, ...chain, neverReleased }));
    this.#running = Promise.all(this.#writers.map((writer) => writer.run()));
  }

  /** Whether records can be written as far as is known. */
  get writable(): boolean {
    return this.#health.writable && !this.#stopping.signal.aborted;
  }

  /**
   * Resolves once the record is durable.
   *
   * @param waitMs how long that may take, where it is another time than that of decisions
   * @throws VivifiedError `audit_unavailable` 503, `too_large` 413
   */
  async record(record: DecisionRecord, waitMs = this.#options.waitMs): Promise<void> {
    if (!this.#accepts()) throw new VivifiedError("audit_unavailable");
    const pending = new PendingRecord(record, waitMs);
    this.#queue.push(pending);
    return pending.durable;
  }

  /** Whether another record may wait; whatever comes is refused otherwise. */
  get hasRoom(): boolean {
    return this.#hasRoomFor(1);
  }

  /**
   * Takes a decision that nobody waits for, also while nothing can be written. It is not lost on a graceful stop.
   * `leaving` places stay free for records that matter more.
   *
   * @throws VivifiedError `audit_unavailable` 503 when as many records wait as may
   */
  enqueue(record: DecisionRecord, { leaving = 0 }: { readonly leaving?: number } = {}): void {
    if (!this.#hasRoomFor(1 + leaving)) throw new VivifiedError("audit_unavailable");
    this.note(record);
  }

  /** Takes what became of a decision that was taken: there is always room for it. It is not lost on a graceful stop. */
  note(record: AuditRecord): void {
    this.#queue.push(new PendingRecord(record), outcomeDelayMs);
  }

  /** Takes no more decisions, and writes what is queued while there is time. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#queue.close();
    const timeout = new AbortController();
    await Promise.race([this.#running, delay(stopTimeoutMs, undefined, { signal: timeout.signal }).catch(() => {})]);
    timeout.abort();
    const lost = this.#writers.reduce((sum, writer) => sum + writer.close(), this.#queue.lapse());
    if (lost > 0) this.#options.logger.error({ records: lost }, "audit records were not written");
  }

  /** Records that are not known to be durable. */
  get #waiting(): number {
    return this.#writers.reduce((sum, writer) => sum + writer.held, this.#queue.length);
  }

  #hasRoomFor(records: number): boolean {
    return this.#waiting + records <= this.#options.maxQueued && !this.#stopping.signal.aborted;
  }

  /** While nothing can be written, decisions are refused at once, except for one at a time that finds out. */
  #accepts(): boolean {
    if (!this.hasRoom) return false;
    if (this.#health.brokenMs < this.#options.waitMs) return true;
    return this.#waiting === 0 && this.#writers.some((writer) => writer.positioned);
  }

  /** A decision that became durable after its waiter was told no: the log says that nothing came of it. */
  #neverReleased(decisionId: string): OutcomeRecord {
    const timestamp = this.#options.clock.now().toISOString();
    const failed = { outcome: "failed", status: 503, code: "audit_unavailable", duration_ms: 0 } as const;
    return { kind: "outcome", decision_id: decisionId, timestamp, ...failed };
  }
}
