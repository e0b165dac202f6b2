import { setTimeout as delay } from "node:timers/promises";
import type { DecisionRecord, OutcomeRecord } from "@vivified/contracts";
import { BlockChain, BlockRefused, type BlockStream, type Clock, type Logger, VivifiedError } from "@vivified/runtime";
import { PendingRecord } from "./pending-record.ts";

export type AuditTrailOptions = {
  readonly writer: string;
  readonly stream: BlockStream;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long a decision waits for its record before the lane refuses. */
  readonly waitMs: number;
  /** Records that may wait at once; more are refused, so that memory is bounded. */
  readonly maxQueued: number;
};

const maxBlockBytes = 512 * 1024;
/** Outcomes are not waited for, so they may wait a little for decisions to share a block with. */
const outcomeDelayMs = 10;
const retryMs = 100;
const stopTimeoutMs = 5_000;

/**
 * The record of everything, written by group commit: whatever queued while the previous block was in flight becomes the
 * next one. One block is in flight at a time (decision 0040).
 */
export class AuditTrail implements AsyncDisposable {
  readonly #options: AuditTrailOptions;
  readonly #chain: BlockChain<PendingRecord>;
  #queue: PendingRecord[] = [];
  #wake = Promise.withResolvers<void>();
  #brokenSinceMs: number | undefined;
  #refused = false;
  #closed = false;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  constructor(options: AuditTrailOptions) {
    this.#options = options;
    this.#chain = new BlockChain(options);
    this.#brokenSinceMs = options.clock.monotonicMs();
    this.#running = this.#run();
  }

  /** Whether records can be written as far as is known. */
  get writable(): boolean {
    return this.#brokenSinceMs === undefined && !this.#stopping.signal.aborted;
  }

  /** Resolves once the record is durable. @throws VivifiedError `audit_unavailable` 503, `too_large` 413 */
  async record(record: DecisionRecord): Promise<void> {
    if (!this.#accepts()) throw new VivifiedError("audit_unavailable");
    const pending = new PendingRecord(record, this.#options.waitMs);
    this.#queue.push(pending);
    this.#wake.resolve();
    return pending.durable;
  }

  /** Takes a record that nobody waits for. It is not lost on a graceful stop. */
  note(record: OutcomeRecord): void {
    this.#queue.push(new PendingRecord(record));
    setTimeout(() => this.#wake.resolve(), outcomeDelayMs).unref();
  }

  /** Takes no more decisions, and writes what is queued while there is time. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#wake.resolve();
    const timeout = new AbortController();
    await Promise.race([this.#running, delay(stopTimeoutMs, undefined, { signal: timeout.signal }).catch(() => {})]);
    timeout.abort();
    this.#closed = true;
    const lost = this.#queue.length;
    for (const record of this.#queue) record.lapse();
    this.#queue = [];
    if (lost > 0) this.#options.logger.error({ records: lost }, "audit records were not written");
  }

  /** While nothing can be written, decisions are refused at once, except for one at a time that finds out. */
  #accepts(): boolean {
    if (this.#stopping.signal.aborted || this.#queue.length >= this.#options.maxQueued) return false;
    const { clock, waitMs } = this.#options;
    const brokenMs = this.#brokenSinceMs === undefined ? 0 : clock.monotonicMs() - this.#brokenSinceMs;
    return brokenMs < waitMs || (this.#chain.positioned && this.#queue.length === 0);
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      if (this.#stopping.signal.aborted && this.#queue.length === 0) return;
      if (!this.#chain.positioned) await this.#recover();
      else await this.#writeNext();
    }
  }

  async #writeNext(): Promise<void> {
    const records = this.#take();
    if (records.length > 0) await this.#write(records);
    else if (!this.#stopping.signal.aborted) await this.#sleep();
  }

  async #sleep(): Promise<void> {
    await this.#wake.promise;
    this.#wake = Promise.withResolvers<void>();
  }

  /** What fits into a block, oldest first. Who was told no is left out. */
  #take(): PendingRecord[] {
    this.#queue = this.#queue.filter((record) => !record.lapsed && !record.stored);
    let size = 0;
    const end = this.#queue.findIndex((record, index) => {
      size += record.size + 1;
      return size > maxBlockBytes && index > 0;
    });
    return this.#queue.splice(0, end === -1 ? this.#queue.length : end);
  }

  async #write(records: readonly PendingRecord[]): Promise<void> {
    try {
      await this.#chain.append(records);
      this.#settle(records);
      this.#brokenSinceMs = undefined;
      this.#refused = false;
    } catch (error) {
      this.#refused = error instanceof BlockRefused;
      this.#brokenSinceMs ??= this.#options.clock.monotonicMs();
      this.#options.logger.warn({ err: error, records: records.length }, "audit block in doubt");
      await delay(retryMs);
    }
  }

  async #recover(): Promise<void> {
    try {
      const { stored, missing } = await this.#chain.recover();
      this.#settle(stored);
      this.#queue = [...new Set([...missing, ...this.#queue])];
      // A stream that can be read may still refuse writing (a full disk): only a block that was stored tells.
      if (!this.#refused) this.#brokenSinceMs = undefined;
      this.#options.logger.info({ stored: stored.length, again: missing.length }, "audit trail positioned");
    } catch (error) {
      this.#brokenSinceMs ??= this.#options.clock.monotonicMs();
      this.#options.logger.debug({ err: error }, "audit trail cannot be read");
      await delay(retryMs);
    }
  }

  #settle(records: readonly PendingRecord[]): void {
    for (const record of records) if (!record.settle()) this.note(this.#neverReleased(record.decisionId));
  }

  /** A decision that became durable after its waiter was told no: the log says that nothing came of it. */
  #neverReleased(decisionId: string): OutcomeRecord {
    const timestamp = this.#options.clock.now().toISOString();
    const failed = { outcome: "failed", status: 503, code: "audit_unavailable", duration_ms: 0 } as const;
    return { kind: "outcome", decision_id: decisionId, timestamp, ...failed };
  }
}
