import type { PolicyActivation } from "@vivified/contracts";
import { type Selectable, sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import type { Tables } from "../database/tables.ts";
import { defaultTenant } from "../tenant.ts";
import { relaxedOf } from "./policy-bundles.postgres.ts";
import type { NewActivation, NewState, PolicyStore } from "./policy-store.ts";

/** The part of the store that knows what was in force when. */
export type PolicyActivations = Pick<
  PolicyStore,
  | ("active" | "pending" | "findActivation" | "history" | "activationsOf" | "previousRevision")
  | ("addActivation" | "setState")
>;

export function policyActivations(db: Db): PolicyActivations {
  const first = async (state: PolicyActivation["state"]) => {
    const row = await activationRows(db).where("state", "=", state).executeTakeFirst();
    return row && activation(row);
  };
  return {
    active: () => first("active"),
    pending: () => first("pending"),
    findActivation: async (id) => {
      const row = await activationRows(db).where("id", "=", String(id)).executeTakeFirst();
      return row && activation(row);
    },
    history: async (limit) => (await activationRows(db).orderBy("id", "desc").limit(limit).execute()).map(activation),
    activationsOf: async (revision) =>
      (await activationRows(db).where("policy_activations.revision", "=", revision).execute()).map(activation),
    previousRevision: () => previousRevision(db),
    addActivation: (asked) => addActivation(db, asked),
    setState: (id, change) => setState(db, id, change),
  };
}

const activationRows = (db: Db) =>
  db
    .selectFrom("policy_activations")
    .innerJoin("policy_bundles", "policy_bundles.revision", "policy_activations.revision")
    .selectAll("policy_activations")
    .select("policy_bundles.relaxed");

type ActivationRow = Selectable<Tables["policy_activations"]> & { readonly relaxed: unknown };

function activation(row: ActivationRow): PolicyActivation {
  const { kind, revision, state, note, requested_by, decided_by, decided_at } = row;
  return {
    id: Number(row.id),
    ...{ kind, revision, state, note, requested_by },
    relaxed: relaxedOf(row.relaxed),
    requested_at: row.requested_at.toISOString(),
    ...(decided_by !== null && { decided_by }),
    ...(decided_at !== null && { decided_at: decided_at.toISOString() }),
  };
}

async function previousRevision(db: Db): Promise<string | undefined> {
  const active = db.selectFrom("policy_activations").select("revision").where("state", "=", "active");
  const row = await db
    .selectFrom("policy_activations")
    .select("revision")
    .where("state", "=", "replaced")
    .where("revision", "not in", active)
    .orderBy("id", "desc")
    .executeTakeFirst();
  return row?.revision;
}

async function addActivation(db: Db, asked: NewActivation): Promise<PolicyActivation> {
  const next = await db
    .updateTable("policy_state")
    .set({ last_activation: sql`last_activation + 1` })
    .returning("last_activation as id")
    .executeTakeFirstOrThrow();
  const row = { ...asked, id: next.id, tenant_id: defaultTenant, requested_at: new Date() };
  await db.insertInto("policy_activations").values(row).execute();
  const added = await activationRows(db).where("id", "=", next.id).executeTakeFirstOrThrow();
  return activation(added);
}

async function setState(db: Db, id: number, { state, by }: NewState): Promise<void> {
  const decided = by === undefined ? {} : { decided_by: by, decided_at: new Date() };
  const update = db.updateTable("policy_activations").set({ state, ...decided });
  await update.where("id", "=", String(id)).execute();
}
