import { type DecisionRecord, readPlaces } from "@vivified/contracts";
import { createLogger, systemClock, uuidv7 } from "@vivified/runtime";
import { sql } from "kysely";
import { decisionOf, outcomeOf } from "../audit/block.fixtures.ts";
import { decidedAt } from "../audit/decided-at.ts";
import { decisionColumns } from "../audit/decision-columns.ts";
import { ensureMonths } from "../audit/index.ts";
import { pushedTo } from "../audit/push/index.ts";
import { countShapes } from "../audit/shapes/count-shapes.postgres.ts";
import { shapeOf } from "../audit/shapes/decision-shape.ts";
import { shapeIds } from "../audit/shapes/shape-ids.postgres.ts";
import { atomicallyOn } from "../database/atomically.ts";
import { type MigratedDatabase, migratedDatabase } from "../database/migrated-database.fixtures.ts";
import type { Database, Db } from "../database/open-database.ts";
import type { TestPostgres } from "../postgres.fixtures.ts";
import { storesOf } from "../stores.ts";

export const day = 24 * 60 * 60 * 1000;
const logger = createLogger({ process: "test", level: "silent" });
const trace = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", sampled: true };

/** Who asks. */
export const by = (caller: string) => ({ caller, trace });

/** What a record has whose reason is a rule. */
export const byRule = (rule: string) => ({
  result: { effect: "allow", reasons: [{ rule, message: "", fix: "" }], obligations: [] },
});

/** A UUIDv7 of a moment. */
export function idAt(time: string): string {
  const hex = Date.parse(time).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}${uuidv7().slice(13)}`;
}

/** A trail in real PostgreSQL, kept for a year; what is in it, and what retention said and did. */
export class RetentionGround implements AsyncDisposable {
  now = new Date("2026-11-26T12:00:00Z");
  /** How many decisions were kept; each has two places in the log. */
  places = 0;
  receivers: readonly string[] = [];
  /** From where on blocks stayed in the stream, for every purge. */
  purges: number[] = [];
  readonly db: Database["db"];
  readonly #clock = { ...systemClock, now: () => this.now };
  readonly #database: MigratedDatabase;

  private constructor(database: MigratedDatabase) {
    this.#database = database;
    this.db = database.db;
  }

  /** A database of its own. */
  static async on(postgres: TestPostgres): Promise<RetentionGround> {
    return new RetentionGround(await migratedDatabase({ postgres }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database[Symbol.asyncDispose]();
  }

  /** What `applyRetention` is given. */
  deps() {
    return {
      ...{ db: this.db, clock: this.#clock, logger, keepMs: 365 * day },
      pushed: (of: Db) => pushedTo(of, this.receivers),
      purge: async (firstKept: number) => this.purges.push(firstKept) > 0,
    };
  }

  /** What placing and lifting holds is given. */
  holds() {
    return { atomically: atomicallyOn(this.db, () => undefined), clock: this.#clock };
  }

  /** A decision with its outcome, as ingest kept them when their block came. */
  async keep(time: string, changes: object = {}, came = time): Promise<string> {
    const record = decisionOf({ decision_id: idAt(time), timestamp: time, ...changes }) as DecisionRecord;
    const [streamSequence, logIndex] = [this.places + 1, 2 * this.places];
    const [shapeId = ""] = await shapeIds(this.db, [{ shape: shapeOf(record, undefined), at: new Date(time) }]);
    await countShapes(this.db, [{ shapeId, at: new Date(time), change: 1 }]);
    await ensureMonths(this.db, [`${time.slice(0, 7)}-01`]);
    const row = decisionColumns(record, { streamSequence, logIndex, shapeId });
    await this.db.insertInto("decisions").values(row).execute();
    const outcome = {
      ...{ decided_at: decidedAt(record.decision_id), decision_id: record.decision_id, occurred_at: new Date(time) },
      ...{ record: JSON.stringify(outcomeOf(record, { timestamp: time })), stream_sequence: String(streamSequence) },
      log_index: String(logIndex + 1),
    };
    await this.db.insertInto("decision_outcomes").values(outcome).execute();
    await this.#keepBlock(came);
    return record.decision_id;
  }

  /** A record that got no row of its own. */
  async unplaced(time: string, came = time): Promise<void> {
    const [stream_sequence, log_index] = [String(this.places + 1), String(2 * this.places)];
    const row = { log_index, occurred_at: new Date(time), record: "{}", stream_sequence };
    await this.db.insertInto("audit_unplaced").values(row).execute();
    await this.#keepBlock(came);
  }

  async #keepBlock(came: string): Promise<void> {
    this.places += 1;
    const sequence = String(this.places);
    const block = { stream_sequence: sequence, writer: "w", epoch: "e", sequence, previous: "" };
    const row = { ...block, hash: "", records: 2, fault: null, ingested_at: new Date(came) };
    await this.db.insertInto("audit_blocks").values(row).execute();
    await this.db.updateTable("audit_position").set({ stream_sequence: sequence }).execute();
  }

  /** The decisions of plugins that are there. */
  async ids(): Promise<readonly string[]> {
    const rows = await this.db.selectFrom("decisions").select("decision_id").where("lane", "=", "rpc").execute();
    return rows.map((row) => row.decision_id);
  }

  /** The outcomes that are there, by their decision. */
  async outcomes(): Promise<readonly string[]> {
    const rows = await this.db.selectFrom("decision_outcomes").select("decision_id").execute();
    return rows.map((row) => row.decision_id);
  }

  /** How many decisions the counts by shape tell of. */
  async counted(): Promise<number> {
    const { rows } = await sql<{ n: string }>`select coalesce(sum(records), 0) as n from decision_counts`.execute(
      this.db,
    );
    return Number(rows[0]?.n);
  }

  async partitions(): Promise<readonly string[]> {
    const { rows } = await sql<{ name: string }>`
      select relname as name from pg_inherits join pg_class on oid = inhrelid where relname ~ '^decisions_2'`.execute(
      this.db,
    );
    return rows.map(({ name }) => name);
  }

  /** The labels of what retention said, newest first. */
  async told(): Promise<readonly DecisionRecord["labels"][]> {
    const found = await storesOf(this.db).decisions.search({ rule: "audit.retention_applied" }, 50);
    return found.map(({ record }) => record.labels);
  }

  /** The places that each of these records names, one by one. */
  async named(): Promise<readonly (readonly number[])[]> {
    return (await this.told()).map(({ places = "" }) =>
      (readPlaces(places) ?? []).flatMap(({ first, last }) =>
        Array.from({ length: last + 1 - first }, (_, nth) => first + nth),
      ),
    );
  }
}
