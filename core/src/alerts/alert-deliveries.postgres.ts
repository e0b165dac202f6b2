import type { AlertNotice } from "@vivified/contracts";
import { uuidv7 } from "@vivified/runtime";
import { sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import type { AlertChannelName, AlertDelivery, AlertStore } from "./alert-store.ts";

type Deliveries = Pick<AlertStore, "addNotice" | "fanOut" | "claim" | "delivered" | "retryLater" | "giveUp">;

/** The part of the store that tells: notices, and their way over each channel. Times are the database's. */
export function alertDeliveries(db: Db): Deliveries {
  const change = ({ noticeId, channel }: AlertDelivery) =>
    db.updateTable("alert_deliveries").where("notice_id", "=", noticeId).where("channel", "=", channel);
  return {
    addNotice: async (notice) => {
      const row = { id: uuidv7(), notice: JSON.stringify(notice), created_at: sql<Date>`now()` };
      await db.insertInto("alert_notices").values(row).execute();
    },
    fanOut: async (channels) => {
      await sql`
        with fresh as (update alert_notices set fanned_out = true where not fanned_out returning id)
        insert into alert_deliveries (notice_id, channel, next_attempt_at)
        select fresh.id, channel, now() from fresh cross join unnest(${channels}::text[]) as channel`.execute(db);
    },
    claim: (channel, leaseMs) => claim(db, channel, leaseMs),
    delivered: async (delivery) => {
      await change(delivery).set({ delivered_at: sql<Date>`now()` }).execute();
    },
    retryLater: async (delivery, delayMs, code) => {
      await change(delivery)
        .set({ next_attempt_at: inMs(delayMs), last_code: code })
        .execute();
    },
    giveUp: async (delivery, code) => {
      await change(delivery).set({ dead_at: sql<Date>`now()`, last_code: code }).execute();
    },
  };
}

/** The lease is the time of the next attempt: no one else sees the row before it is over. */
async function claim(db: Db, channel: AlertChannelName, leaseMs: number): Promise<AlertDelivery | undefined> {
  const due = db
    .selectFrom("alert_deliveries")
    .select("notice_id")
    .where("channel", "=", channel)
    .where("delivered_at", "is", null)
    .where("dead_at", "is", null)
    .where("next_attempt_at", "<=", sql<Date>`now()`)
    .orderBy("notice_id")
    .limit(1)
    .forUpdate()
    .skipLocked();
  const row = await db
    .updateTable("alert_deliveries")
    .from("alert_notices")
    .set({ next_attempt_at: inMs(leaseMs), attempts: sql<number>`attempts + 1` })
    .where("alert_deliveries.channel", "=", channel)
    .where("alert_deliveries.notice_id", "=", due)
    .whereRef("alert_notices.id", "=", "alert_deliveries.notice_id")
    .returning(["alert_deliveries.notice_id", "alert_deliveries.attempts", "notice", "created_at"])
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { notice_id: noticeId, attempts, created_at: since } = row;
  return { noticeId, channel, attempts, since, notice: row.notice as AlertNotice };
}

const inMs = (ms: number) => sql<Date>`now() + ${ms} * interval '1 millisecond'`;
