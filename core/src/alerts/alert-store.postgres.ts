import type { Alert, AlertQuery } from "@vivified/contracts";
import { uuidv7 } from "@vivified/runtime";
import { type Selectable, sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import type { Tables } from "../database/tables.ts";
import { defaultTenant } from "../tenant.ts";
import { alertDeliveries } from "./alert-deliveries.postgres.ts";
import type { Acknowledged, AlertStore } from "./alert-store.ts";
import type { Finding } from "./finding.ts";

export function alertStore(db: Db): AlertStore {
  const open = () => db.selectFrom("alerts").selectAll().where("resolved_at", "is", null);
  const change = (id: string) => db.updateTable("alerts").where("id", "=", id);
  return {
    findOpen: async (rule, subject) => {
      const query = open().where("rule", "=", rule).where("subject", "=", subject).forUpdate();
      const row = await query.executeTakeFirst();
      return row && { alert: alertOf(row), toldAt: row.told_at };
    },
    lastEvidence: async ({ rule, subject }, until) => {
      const kind = db.selectFrom("alerts").where("rule", "=", rule).where("subject", "=", subject);
      const told = kind.where("evidence_at", "<=", until);
      const row = await told.select("evidence_at").orderBy("evidence_at", "desc").limit(1).executeTakeFirst();
      return row?.evidence_at;
    },
    lastEvidences: async ({ rule, subjects }, until) => {
      const told = sql<boolean>`(subject = any(${[...subjects]}::text[]) and evidence_at <= ${until})`;
      const kinds = db.selectFrom("alerts").where("rule", "=", rule).where(told).groupBy("subject");
      const rows = await kinds.select(({ fn }) => ["subject", fn.max("evidence_at").as("latest")]).execute();
      return new Map(rows.map(({ subject, latest }) => [subject, latest]));
    },
    openedSince: async (rule, since) => {
      const recent = sql<boolean>`(resolved_at is null or opened_at >= ${since})`;
      const query = db.selectFrom("alerts").where("rule", "=", rule).where(recent);
      const row = await query.select(({ fn }) => fn.countAll<string>().as("count")).executeTakeFirstOrThrow();
      return Number(row.count);
    },
    open: (finding, at) => insert(db, finding, at),
    seen: async (id, { evidenceAt, message, labels }) => {
      await change(id)
        .set({ evidence_at: evidenceAt, message, labels: JSON.stringify(labels ?? {}) })
        .execute();
    },
    told: async (id, at) => {
      const query = change(id).set({ told_at: at, told: sql<number>`told + 1` });
      return alertOf(await query.returningAll().executeTakeFirstOrThrow());
    },
    openOf: async (rule) => (await open().where("rule", "=", rule).execute()).map(alertOf),
    resolve: async (id, at) => {
      const query = change(id).set({ resolved_at: at }).where("resolved_at", "is", null);
      const row = await query.returningAll().executeTakeFirst();
      return row && alertOf(row);
    },
    find: async (id) => {
      const row = await db.selectFrom("alerts").selectAll().where("id", "=", id).executeTakeFirst();
      return row && alertOf(row);
    },
    list: async (query) => (await listed(db, query).execute()).map(alertOf),
    acknowledge: (id, by) => acknowledge(db, id, by),
    ...alertDeliveries(db),
  };
}

async function insert(db: Db, finding: Finding, at: Date): Promise<Alert | undefined> {
  const { rule, subject, severity, message, evidenceAt, labels } = finding;
  const row = await db
    .insertInto("alerts")
    .values({
      ...{ id: uuidv7(), tenant_id: defaultTenant, rule, subject, severity, message },
      ...{ labels: JSON.stringify(labels ?? {}), opened_at: at, evidence_at: evidenceAt, told: 1, told_at: at },
    })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  return row && alertOf(row);
}

async function acknowledge(db: Db, id: string, { at, by, note }: Acknowledged): Promise<Alert | undefined> {
  const row = await db
    .updateTable("alerts")
    .set({ acknowledged_at: at, acknowledged_by: by, note })
    .where("id", "=", id)
    .where("resolved_at", "is", null)
    .where("acknowledged_at", "is", null)
    .returningAll()
    .executeTakeFirst();
  return row && alertOf(row);
}

function listed(db: Db, { state, before, limit = 50 }: AlertQuery) {
  let query = db.selectFrom("alerts").selectAll().orderBy("id", "desc").limit(limit);
  if (before !== undefined) query = query.where("id", "<", before);
  if (state === undefined) return query;
  query = query.where("resolved_at", state === "resolved" ? "is not" : "is", null);
  if (state === "resolved") return query;
  return query.where("acknowledged_at", state === "acknowledged" ? "is not" : "is", null);
}

function alertOf(row: Selectable<Tables["alerts"]>): Alert {
  const { id, rule, subject, severity, message, told, note } = row;
  const [resolved, acknowledged] = [row.resolved_at, row.acknowledged_at];
  return {
    ...{ id, rule, subject, severity, message, told },
    labels: row.labels as Alert["labels"],
    state: resolved !== null ? "resolved" : acknowledged !== null ? "acknowledged" : "open",
    opened_at: row.opened_at.toISOString(),
    evidence_at: row.evidence_at.toISOString(),
    ...(resolved !== null && { resolved_at: resolved.toISOString() }),
    ...(acknowledged !== null && { acknowledged_at: acknowledged.toISOString() }),
    ...(row.acknowledged_by !== null && { acknowledged_by: row.acknowledged_by }),
    ...(note !== null && { note }),
  };
}
