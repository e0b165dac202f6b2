import { VivifiedError } from "@vivified/runtime";
import type { Kysely } from "kysely";
import { sqlState } from "../database/guarded-pool.ts";
import type { Tables } from "../database/tables.ts";
import { ensureMonths, monthsOf } from "./audit-months.ts";
import { blockStore } from "./block-store.postgres.ts";
import { breakRecord } from "./break-record.ts";
import { decidedAt } from "./decided-at.ts";
import { decisionStore } from "./decision-store.postgres.ts";
import { type IngestResult, ingestBlocks } from "./ingest-blocks.ts";
import type { StreamedBlock } from "./parse-block.ts";

/** Takes batches of blocks into the database, whatever is in them. */
export class BatchIntake {
  readonly #db: Kysely<Tables>;
  /** Months that have their partitions, as far as this process knows. */
  readonly #months = new Set<string>();

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** Keeps all of it or nothing. Rejects while the database is away. */
  async take(batch: readonly StreamedBlock[]): Promise<IngestResult> {
    await this.#ensureMonths(batch);
    return ingestIn(this.#db, batch).catch((error: unknown) => this.#takeOneByOne(batch, error));
  }

  async #ensureMonths(batch: readonly StreamedBlock[]): Promise<void> {
    const records = batch.flatMap(({ block }) => block?.records ?? []);
    const times = records.flatMap((record) => [new Date(record.timestamp), decidedAt(record.decision_id)]);
    const months = monthsOf(times, new Date()).filter((month) => !this.#months.has(month));
    await ensureMonths(this.#db, months);
    for (const month of months) this.#months.add(month);
  }

  /** A block that PostgreSQL cannot hold must not stop those behind it: it is kept as unstorable, the stream has it whole. */
  async #takeOneByOne(batch: readonly StreamedBlock[], error: unknown): Promise<IngestResult> {
    if (!isUnstorable(error)) throw error;
    const results: IngestResult[] = [];
    for (const one of batch) {
      const result = await ingestIn(this.#db, [one]).catch((cause: unknown) =>
        isUnstorable(cause) ? ingestIn(this.#db, [{ ...one, unstorable: true }]) : Promise.reject(cause),
      );
      results.push(result);
    }
    const taken = results.reduce((sum, result) => sum + result.taken, 0);
    return { taken, breaks: results.flatMap(({ breaks }) => breaks) };
  }
}

/** One transaction: blocks, what they hold, what is wrong with them, and the position. */
function ingestIn(db: Kysely<Tables>, batch: readonly StreamedBlock[]): Promise<IngestResult> {
  return db.transaction().execute(async (transaction) => {
    const result = await ingestBlocks(batch, blockStore(transaction));
    await decisionStore(transaction).append(result.breaks.map(breakRecord));
    return result;
  });
}

/** Class 22: data that no column can hold; class 23: that contradicts what is there; class 54: more than an index can hold. */
function isUnstorable(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return true; // a record that is not what we took it for
  const cause = error instanceof VivifiedError ? error.cause : error;
  return /^(22|23|54)/.test(sqlState(cause) ?? "");
}
