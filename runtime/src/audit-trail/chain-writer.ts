import { setTimeout as delay } from "node:timers/promises";
import { BlockChain } from "../audit-blocks/block-chain.ts";
import { BlockOvertaken, type BlockStream } from "../audit-blocks/block-stream.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { PendingRecord } from "./pending-record.ts";
import type { RecordQueue } from "./record-queue.ts";
import type { TrailHealth } from "./trail-health.ts";

export type ChainWriterOptions = {
  readonly writer: string;
  readonly stream: BlockStream;
  readonly newId: () => string;
  readonly queue: RecordQueue;
  readonly health: TrailHealth;
  readonly logger: Logger;
  /** Called for a decision that became durable after its waiter was told no. */
  readonly neverReleased: (decisionId: string) => void;
  /** The trail takes no more decisions: what is queued is written, and then no more. */
  readonly stopping: AbortSignal;
  /** The pause after a failure. */
  readonly retryMs: number;
};

const maxBlockBytes = 512 * 1024;
/** The longest pause between blocks while none is taken; shorter than callers wait. */
const maxPauseMs = 1_000;

/**
 * Writes one chain of a trail, one block at a time (decision 0040): whatever queued is the next block. Records whose
 * block is in doubt stay with their chain, since only a block in the same place rules out that they are stored twice.
 * After a block that was not taken it asks again by itself, with a block of no records when none wait (decision 0127).
 */
export class ChainWriter {
  readonly #options: ChainWriterOptions;
  readonly #chain: BlockChain<PendingRecord>;
  /** Of blocks that turned out not to be stored; they come first. */
  #again: PendingRecord[] = [];
  #inFlight = 0;
  /** Blocks that were not taken, one after the other. */
  #notTaken = 0;
  #closed = false;

  constructor(options: ChainWriterOptions) {
    this.#options = options;
    this.#chain = new BlockChain(options);
  }

  /** Records that left the queue and are not known to be durable. */
  get held(): number {
    return this.#inFlight + this.#again.length;
  }

  get positioned(): boolean {
    return this.#chain.positioned;
  }

  /** Resolves once the trail stops and nothing is left to write. */
  async run(): Promise<void> {
    const { stopping, queue } = this.#options;
    while (!this.#closed) {
      if (stopping.aborted && queue.length + this.held === 0) return;
      if (this.#chain.positioned) await this.#writeNext();
      else await this.#recover();
    }
  }

  /** Writes nothing more. Returns how many records stay unwritten or in doubt; who waits for one is told no. */
  close(): number {
    this.#closed = true;
    const lost = this.held;
    for (const record of this.#again) record.lapse();
    return lost;
  }

  async #writeNext(): Promise<void> {
    if (this.#again.length === 0) await this.#options.queue.turn(this.#pauseMs);
    else if (this.#pauseMs !== undefined) await delay(this.#pauseMs);
    const records = this.#take();
    if (records.length > 0 || this.#notTaken > 0) await this.#write(records);
  }

  /** How long the stream is left alone: longer each time that it takes nothing. */
  get #pauseMs(): number | undefined {
    if (this.#notTaken === 0) return undefined;
    return Math.min(maxPauseMs, this.#options.retryMs * 2 ** Math.min(this.#notTaken - 1, 10));
  }

  /** What fits into a block. Who was told no is left out. */
  #take(): PendingRecord[] {
    let bytes = maxBlockBytes;
    this.#again = this.#again.filter((record) => !record.lapsed && !record.stored);
    const end = this.#again.findIndex((record, index) => {
      bytes -= record.size + 1;
      return bytes < 0 && index > 0;
    });
    const again = this.#again.splice(0, end === -1 ? this.#again.length : end);
    if (this.#again.length > 0) return again;
    return [...again, ...this.#options.queue.take({ bytes, untouched: again.length === 0 })];
  }

  async #write(records: readonly PendingRecord[]): Promise<void> {
    const { health, logger, retryMs } = this.#options;
    this.#inFlight = records.length;
    try {
      await this.#chain.append(records);
      this.#settle(records);
      this.#notTaken = 0;
      health.stored();
    } catch (error) {
      if (!(error instanceof BlockOvertaken)) this.#notTaken += 1;
      health.failed(this.#notTaken > 0);
      logger.warn({ err: error, records: records.length }, "audit block in doubt");
      await delay(retryMs);
    }
  }

  async #recover(): Promise<void> {
    const { health, logger, retryMs } = this.#options;
    try {
      const { stored, missing } = await this.#chain.recover();
      this.#settle(stored);
      this.#again = [...new Set([...missing, ...this.#again])];
      health.positioned();
      logger.info({ stored: stored.length, again: missing.length }, "audit trail positioned");
    } catch (error) {
      health.failed(false);
      logger.debug({ err: error }, "audit trail cannot be read");
      await delay(retryMs);
    }
  }

  #settle(records: readonly PendingRecord[]): void {
    this.#inFlight = 0;
    for (const record of records) if (!record.settle()) this.#options.neverReleased(record.decisionId);
  }
}
