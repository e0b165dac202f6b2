import { formatTraceparent, type JsonObject, parseTraceparent } from "@vivified/contracts";
import { newTrace, uuidv7 } from "@vivified/runtime";
import { sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import { defaultTenant } from "../tenant.ts";
import type { Announcement, OutboxStore, Waiting } from "./outbox-store.ts";

export function outboxStore(db: Db): OutboxStore {
  const change = (id: string) => db.updateTable("outbox").where("id", "=", id);
  return {
    add: (announcement) => add(db, announcement),
    claim: (leaseMs) => claim(db, leaseMs),
    delivered: async (id) => {
      await change(id).set({ delivered_at: new Date() }).execute();
    },
    retryLater: async (id, delayMs, code) => {
      await change(id)
        .set({ next_attempt_at: inMs(delayMs), last_code: code })
        .execute();
    },
    refused: async (id, delayMs, code) => {
      const refusals = sql<number>`refusals + 1`;
      await change(id)
        .set({ next_attempt_at: inMs(delayMs), last_code: code, refusals })
        .execute();
    },
    giveUp: async (id, code) => {
      await change(id).set({ failed_at: new Date(), last_code: code }).execute();
    },
    waiting: async () => {
      const query = db.selectFrom("outbox").select((eb) => eb.fn.countAll<string>().as("count"));
      const row = await query
        .where("delivered_at", "is", null)
        .where("failed_at", "is", null)
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },
  };
}

async function add(db: Db, { eventType, payload, trace }: Announcement): Promise<void> {
  const now = new Date();
  const row = {
    id: uuidv7(),
    tenant_id: defaultTenant,
    event_type: eventType,
    payload: JSON.stringify(payload),
    traceparent: formatTraceparent(trace),
    created_at: now,
    next_attempt_at: now,
  };
  await db.insertInto("outbox").values(row).execute();
}

/** The lease is the time of the next attempt: no one else sees the row before it is over. */
async function claim(db: Db, leaseMs: number): Promise<Waiting | undefined> {
  const due = db
    .selectFrom("outbox")
    .select("id")
    .where("delivered_at", "is", null)
    .where("failed_at", "is", null)
    .where("next_attempt_at", "<=", sql<Date>`now()`)
    .orderBy("seq")
    .limit(1)
    .forUpdate()
    .skipLocked();
  const row = await db
    .updateTable("outbox")
    .set({ next_attempt_at: inMs(leaseMs), attempts: sql<number>`attempts + 1` })
    .where("id", "=", due)
    .returning(["id", "event_type", "payload", "traceparent", "attempts", "refusals"])
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const { id, event_type: eventType, attempts, refusals } = row;
  const payload = row.payload as JsonObject;
  return { id, eventType, attempts, refusals, payload, trace: parseTraceparent(row.traceparent) ?? newTrace() };
}

/** By the database's clock, which is also the one that is compared with. */
const inMs = (ms: number) => sql<Date>`now() + ${ms} * interval '1 millisecond'`;
