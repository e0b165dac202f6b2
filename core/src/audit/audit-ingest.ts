import { setTimeout as sleep } from "node:timers/promises";
import { type ConsumerMessages, DeliverPolicy, jetstream } from "@nats-io/jetstream";
import { auditBlockPrefix, auditEventsStream } from "@vivified/contracts";
import type { Logger, NatsConnection } from "@vivified/runtime";
import type { Kysely } from "kysely";
import type { Tables } from "../database/tables.ts";
import { BatchIntake } from "./batch-intake.ts";
import { BlockGatherer } from "./block-gatherer.ts";
import type { ChainBreak, IngestResult } from "./ingest-blocks.ts";
import type { StreamedBlock } from "./parse-block.ts";
import { readBlock } from "./read-block.ts";
import { sameStream } from "./same-stream.nats.ts";
import type { WriterKeys } from "./writer-keys.ts";

export type AuditIngestDeps = {
  readonly nats: NatsConnection;
  readonly db: Kysely<Tables>;
  readonly logger: Logger;
  /** Whose word counts. */
  readonly writers: Pick<WriterKeys, "signed">;
  /** Called after every transaction that was committed. */
  readonly ingested: (result: IngestResult) => void;
  /** Called once for every break of a chain, after it was committed. */
  readonly broken: (found: ChainBreak) => void;
};

const largestBatch = 64;
const retryMs = 500;
/** How long a database that was put back may stay unseen while no block comes. */
const lookMs = 2_000;

/**
 * Follows the audit stream into PostgreSQL for as long as it is open. The position is kept in the database and moves in
 * the transaction that keeps the blocks; reading always resumes behind it. So it does not matter when the database, NATS
 * or this process goes away: nothing is lost and nothing is doubled. While the database is away, blocks wait in the stream.
 * A database that was put back, as by a failover to a replica that lags, is given again what it lost.
 */
export class AuditIngest implements AsyncDisposable {
  readonly #deps: AuditIngestDeps;
  readonly #stop = new AbortController();
  readonly #intake: BatchIntake;
  #messages: ConsumerMessages | undefined;
  /** Blocks of a batch, at most: one after a failure, then more again, so that a slow database is not asked for too much. */
  #most = largestBatch;
  /** The sequence of the last block that was committed, as far as this process saw. */
  #taken = 0;
  readonly #running: Promise<void>;

  constructor(deps: AuditIngestDeps) {
    this.#deps = deps;
    this.#intake = new BatchIntake(deps.db);
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#messages?.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      try {
        await this.#follow();
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.#deps.logger.warn({ err: error }, "audit ingest interrupted");
        await sleep(retryMs, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      }
    }
  }

  async #follow(): Promise<void> {
    const { nats, db } = this.#deps;
    const position = await sameStream(nats, db);
    const consumer = await jetstream(nats).consumers.get(auditEventsStream.name, {
      filter_subjects: `${auditBlockPrefix}>`,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: position + 1,
    });
    this.#messages = await consumer.consume({ max_messages: 2 * largestBatch, idle_heartbeat: 2_000 });
    if (this.#stop.signal.aborted) return;
    this.#taken = position;
    const looking = setInterval(() => void this.#look().catch(() => undefined), lookMs); // away: a batch will tell
    void this.#watch(this.#messages);
    await this.#takeBatches(this.#messages, position).finally(() => clearInterval(looking));
  }

  async #look(): Promise<void> {
    const taken = this.#taken;
    if ((await positionOf(this.#deps.db)) < taken) await this.#messages?.close(); // follows from there again
  }

  /** What is read anew may be another stream: ends before a message of it comes. */
  async #watch(messages: ConsumerMessages): Promise<void> {
    for await (const { type } of messages.status()) if (type === "reset") return void messages.close();
  }

  async #takeBatches(messages: ConsumerMessages, position: number): Promise<void> {
    let after = position;
    const gatherer = new BlockGatherer({
      take: (batch) => this.#take(batch),
      most: () => this.#most,
      failed: () => messages.close(), // ends the loop; the failure itself is thrown behind it
    });
    for await (const message of messages) {
      await gatherer.add({ ...(await readBlock(message, this.#deps.writers)), after });
      after = message.seq;
    }
    await gatherer.end();
  }

  async #take(batch: readonly StreamedBlock[]): Promise<void> {
    await this.#intake
      .take(batch, (result) => this.#tell(result))
      .catch((error: unknown) => {
        this.#most = 1;
        throw error;
      });
    this.#taken = batch.at(-1)?.streamSequence ?? this.#taken;
    this.#most = Math.min(largestBatch, 2 * this.#most);
  }

  #tell(result: IngestResult): void {
    this.#deps.ingested(result);
    for (const found of result.breaks) this.#deps.broken(found);
  }
}

async function positionOf(db: Kysely<Tables>): Promise<number> {
  const row = await db.selectFrom("audit_position").select("stream_sequence").executeTakeFirstOrThrow();
  return Number(row.stream_sequence);
}
