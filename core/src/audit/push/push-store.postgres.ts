import { type Kysely, sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import type { Tables } from "../../database/tables.ts";
import { decisionStore } from "../decision-store.postgres.ts";
import { logRecords } from "../log-records.postgres.ts";
import { beganRecord, refusalRecord } from "./push-records.ts";
import type { PushLease, PushStore, Refusal } from "./push-store.ts";

export function pushStore(db: Kysely<Tables>): PushStore {
  return {
    claim: (lease) => claim(db, lease),
    read: logRecords(db).read,
    advance: (lease, next) => advance(db, lease, next),
    setAside: (lease, refusal) => db.transaction().execute((tx) => setAside(tx, lease, refusal)),
    release: async (lease) => {
      await held(db, lease)
        .set({ held_until: new Date(0) })
        .execute();
    },
    lag: async (receiver) => {
      const { rows } = await sql<{ lag: string }>`
        select log_size - coalesce((select next_index from audit_push_positions where receiver = ${receiver}), 0) as lag
        from audit_position`.execute(db);
      return Number(rows[0]?.lag ?? 0);
    },
  };
}

async function claim(db: Kysely<Tables>, lease: PushLease): Promise<number | undefined> {
  const place = await take(db, lease);
  if (place !== undefined) return place;
  const began = await db.transaction().execute((tx) => begin(tx, lease));
  return began ? take(db, lease) : undefined;
}

async function take(db: Db, { receiver, holder, leaseMs }: PushLease): Promise<number | undefined> {
  const row = await db
    .updateTable("audit_push_positions")
    .set({ holder, held_until: until(leaseMs) })
    .where("receiver", "=", receiver)
    .where((eb) =>
      eb.or([eb("holder", "is", null), eb("holder", "=", holder), eb("held_until", "<", sql<Date>`now()`)]),
    )
    .returning("next_index")
    .executeTakeFirst();
  return row && Number(row.next_index);
}

/** From here on the log leaves for a receiver that never got it: told before the first record does. */
async function begin(db: Db, { receiver }: PushLease): Promise<boolean> {
  const begun = await db
    .insertInto("audit_push_positions")
    .values({ receiver })
    .onConflict((conflict) => conflict.doNothing())
    .returning("next_index")
    .executeTakeFirst();
  if (begun === undefined) return false;
  await decisionStore(db).append([beganRecord(receiver, begun.next_index)]);
  return true;
}

/** By the clock of the database, which all cores share. */
const until = (leaseMs: number) => sql<Date>`now() + ${leaseMs} * interval '1 millisecond'`;

const held = (db: Db, { receiver, holder }: PushLease) =>
  db.updateTable("audit_push_positions").where("receiver", "=", receiver).where("holder", "=", holder);

async function advance(db: Db, lease: PushLease, next: number): Promise<boolean> {
  const moved = await held(db, lease)
    .set({ next_index: String(next), held_until: until(lease.leaseMs) })
    .executeTakeFirst();
  return moved.numUpdatedRows === 1n;
}

/** Told in the log, too; unless what was refused is such a record itself: that would never end. */
async function setAside(db: Db, lease: PushLease, refusal: Refusal): Promise<boolean> {
  const { receiver } = lease;
  const { logIndex, status, detail } = refusal;
  if (!(await advance(db, lease, logIndex + 1))) return false;
  const row = { receiver, log_index: String(logIndex), status, detail, refused_at: new Date() };
  await db
    .insertInto("audit_push_refusals")
    .values(row)
    .onConflict((one) => one.doNothing())
    .execute();
  const [{ record } = {}] = (await logRecords(db).read(logIndex, 1)).records;
  const isNews = record?.kind !== "decision" || record.result.reasons[0]?.rule !== "audit.push_refused";
  if (isNews) await decisionStore(db).append([refusalRecord(receiver, refusal)]);
  return true;
}
