import type { AuditHold, PlaceHoldRequest } from "@vivified/contracts";
import { uuidv7 } from "@vivified/runtime";
import { type Selectable, sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import type { Tables } from "../database/tables.ts";
import { defaultTenant } from "../tenant.ts";
import { covers } from "./held.ts";
import type { ByAt, HoldStore, SealedFor } from "./hold-store.ts";

export function holdStore(db: Db): HoldStore {
  const change = (id: string) => db.updateTable("audit_holds").where("id", "=", id).returningAll();
  return {
    lock: async () => {
      await sql`select pg_advisory_xact_lock(hashtext('audit retention'))`.execute(db);
    },
    place: (asked, placed) => place(db, asked, placed),
    find: async (id) => {
      const row = await db.selectFrom("audit_holds").selectAll().where("id", "=", id).executeTakeFirst();
      return row && holdOf(row);
    },
    list: async () => (await db.selectFrom("audit_holds").selectAll().orderBy("id", "desc").execute()).map(holdOf),
    requestLift: async (id, { by, at }) => {
      const query = change(id).set({ lift_requested_by: by, lift_requested_at: at });
      return holdOf(await query.executeTakeFirstOrThrow());
    },
    lift: async (id, { by, at }) => {
      const query = change(id).set({ lifted_by: by, lifted_at: at });
      return holdOf(await query.executeTakeFirstOrThrow());
    },
    any: async () => {
      const open = db.selectFrom("audit_holds").select("id").where("lifted_at", "is", null);
      return (await open.limit(1).executeTakeFirst()) !== undefined;
    },
    overKept: (kept) => overKept(db, kept),
  };
}

/** By the text of a record: PostgreSQL can look into none that says U+0000 or half a character anywhere. */
async function overKept(db: Db, { key, subject }: SealedFor): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select h.id from decisions as d, audit_holds as h
    where d.kept_subject = ${subject} and position(${`"key":${JSON.stringify(key)}`} in d.record::text) > 0 and ${covers}
    order by h.id limit 1`.execute(db);
  return rows[0]?.id ?? (await overUnplaced(db, key));
}

/** What has no row of its own is known by the key only: any hold over its time keeps it, whomever that one is about. */
async function overUnplaced(db: Db, key: string): Promise<string | undefined> {
  const { rows } = await sql<{ id: string }>`
    select h.id from audit_holds as h
    where h.lifted_at is null and exists (
      select from audit_unplaced as u
      where u.kept_key = ${key}
        and (h.since is null or u.occurred_at >= h.since) and (h.until is null or u.occurred_at < h.until))
    order by h.id limit 1`.execute(db);
  return rows[0]?.id;
}

async function place(db: Db, asked: PlaceHoldRequest, { by, at }: ByAt): Promise<AuditHold> {
  const { reason, since, until, caller, target } = asked;
  const row = await db
    .insertInto("audit_holds")
    .values({
      ...{ id: uuidv7(), tenant_id: defaultTenant, reason, placed_by: by, placed_at: at },
      ...{ since: dateOf(since), until: dateOf(until), caller: caller ?? null, target: target ?? null },
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return holdOf(row);
}

const dateOf = (text: string | undefined): Date | null => (text === undefined ? null : new Date(text));

function holdOf(row: Selectable<Tables["audit_holds"]>): AuditHold {
  const { id, reason, placed_by, placed_at, lift_requested_by, lift_requested_at, lifted_by, lifted_at } = row;
  return {
    ...{ id, reason, placed_by, placed_at: placed_at.toISOString() },
    ...(row.since !== null && { since: row.since.toISOString() }),
    ...(row.until !== null && { until: row.until.toISOString() }),
    ...(row.caller !== null && { caller: row.caller }),
    ...(row.target !== null && { target: row.target }),
    state: lifted_at !== null ? "lifted" : lift_requested_at !== null ? "lifting" : "active",
    ...(lift_requested_by !== null && { lift_requested_by }),
    ...(lift_requested_at !== null && { lift_requested_at: lift_requested_at.toISOString() }),
    ...(lifted_by !== null && { lifted_by }),
    ...(lifted_at !== null && { lifted_at: lifted_at.toISOString() }),
  };
}
