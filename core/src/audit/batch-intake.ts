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

/** Told of what a transaction kept, after it was committed. */
export type Committed = (result: IngestResult) => void;

const [lockNotAvailable, queryCanceled] = ["55P03", "57014"];
/** Between attempts to make a month while somebody reads the trail for long: each makes others wait. */
const restMs = 60_000;

/** Takes batches of blocks into the database, whatever is in them. */
export class BatchIntake {
  readonly #db: Kysely<Tables>;
  /** Months that have their partitions, as far as this process knows, or hold too much to get them. */
  readonly #months = new Set<string>();
  /** No month is asked for before this moment of the process's clock. */
  #askMonthsAt = 0;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /**
   * Keeps all of it at once, or block by block; says so after every transaction that was committed, also where a later one
   * fails. Rejects while the database is away: what was kept till then stays.
   */
  async take(batch: readonly StreamedBlock[], committed: Committed): Promise<void> {
    await this.#ensureMonths(batch);
    const whole = await ingestIn(this.#db, batch).catch(unstorable);
    if (whole !== undefined) return committed(whole);
    for (const one of batch) committed(await this.#takeOne(one));
  }

  /**
   * A block that PostgreSQL cannot hold must not stop those behind it: it is kept as unstorable, or where not even that can
   * be kept, as no block. The stream has it whole.
   */
  async #takeOne(one: StreamedBlock): Promise<IngestResult> {
    const { block: _, ...bare } = one;
    const result = await ingestIn(this.#db, [one]).catch(unstorable);
    const apart = result ?? (await ingestIn(this.#db, [{ ...one, unstorable: true }]).catch(unstorable));
    return apart ?? ingestIn(this.#db, [bare]);
  }

  async #ensureMonths(batch: readonly StreamedBlock[]): Promise<void> {
    const records = batch.flatMap(({ block }) => block?.records ?? []);
    const times = records.flatMap((record) => [new Date(record.timestamp), decidedAt(record.decision_id)]);
    const months = monthsOf(times, new Date()).filter((month) => !this.#months.has(month));
    for (const month of months) await this.#ensureMonth(month);
  }

  /**
   * A month that cannot be made now is none: its records lie in the default partitions, and move when it is made. One that
   * takes longer than a statement may, as where a hold keeps much of it, is not asked for again: all others wait meanwhile.
   */
  async #ensureMonth(month: string): Promise<void> {
    if (performance.now() < this.#askMonthsAt) return;
    try {
      await ensureMonths(this.#db, [month]);
    } catch (error) {
      if (sqlState(error) === lockNotAvailable) {
        this.#askMonthsAt = performance.now() + restMs;
        return;
      }
      if (!tookTooLong(error)) throw error;
    }
    this.#months.add(month);
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

/** Nothing, for what no column can hold. @throws whatever else it was */
function unstorable(error: unknown): undefined {
  if (!isUnstorable(error)) throw error;
}

const tookTooLong = (error: unknown): boolean =>
  error instanceof VivifiedError && sqlState(error.cause) === queryCanceled;

/** Class 22: data that no column can hold; class 23: that contradicts what is there; class 54: more than an index can hold. */
function isUnstorable(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return true; // a record that is not what we took it for
  const cause = error instanceof VivifiedError ? error.cause : error;
  return /^(22|23|54)/.test(sqlState(cause) ?? "");
}
