import type { PolicyActivation, RelaxedRule } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { type Selectable, sql } from "kysely";
import { sqlState } from "../database/guarded-pool.ts";
import type { Db } from "../database/open-database.ts";
import type { Tables } from "../database/tables.ts";
import { defaultTenant } from "../tenant.ts";
import type { KeptBundle, NewActivation, NewBundle, NewState, PolicyStore } from "./policy-store.ts";

const mostBundles = 100;

export function policyStore(db: Db): PolicyStore {
  return { ...bundlesIn(db), ...activationsIn(db), ...stateIn(db) };
}

type Bundles = Pick<PolicyStore, "addBundle" | "findBundle" | "archive" | "bundles">;

function bundlesIn(db: Db): Bundles {
  return {
    addBundle: async (bundle) => {
      await db.insertInto("policy_bundles").values(rowOf(bundle)).execute();
    },
    findBundle: async (revision) => {
      const row = await bundleRows(db).where("revision", "=", revision).executeTakeFirst();
      return row && keptBundle(row);
    },
    archive: async (revision) => {
      const query = db.selectFrom("policy_bundles").select("archive").where("revision", "=", revision);
      return (await query.executeTakeFirst())?.archive;
    },
    bundles: async () =>
      (await bundleRows(db).orderBy("stored_at", "desc").limit(mostBundles).execute()).map(keptBundle),
  };
}

/** Everything but the archive, which is large. */
const bundleRows = (db: Db) =>
  db
    .selectFrom("policy_bundles")
    .select(["revision", "sha256", "parts", "serial", "rules", "relaxed", "key_id", "stored_by", "stored_at"])
    .select(sql<number>`octet_length(archive)`.as("bytes"));

type BundleRow = Omit<Selectable<Tables["policy_bundles"]>, "tenant_id" | "archive"> & { readonly bytes: number };

function keptBundle({ serial, relaxed, stored_at, ...row }: BundleRow): KeptBundle {
  return { ...row, serial: Number(serial), relaxed: relaxedOf(relaxed), stored_at: stored_at.toISOString() };
}

function rowOf({ archive, parts, relaxed, serial, stored_at, ...bundle }: NewBundle) {
  return {
    ...bundle,
    tenant_id: defaultTenant,
    archive: Buffer.from(archive),
    parts: [...parts],
    serial: String(serial),
    relaxed: JSON.stringify(relaxed),
    stored_at: new Date(stored_at),
  };
}

const relaxedOf = (value: unknown): RelaxedRule[] => value as RelaxedRule[];

type Activations = Omit<PolicyStore, keyof Bundles | keyof State>;

function activationsIn(db: Db): Activations {
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

type State = Pick<PolicyStore, "lock" | "shadow" | "setShadow" | "raiseLastActivation">;

function stateIn(db: Db): State {
  const row = () => db.selectFrom("policy_state").selectAll();
  return {
    lock: async (busy) => {
      const locking = row().forUpdate();
      await (busy === "wait" ? locking : locking.noWait()).execute().catch(isBusy);
    },
    shadow: async () => (await row().executeTakeFirstOrThrow()).shadow_revision ?? undefined,
    setShadow: async (revision) => {
      await db
        .updateTable("policy_state")
        .set({ shadow_revision: revision ?? null })
        .execute();
    },
    raiseLastActivation: async (id) => {
      const behind = db.updateTable("policy_state").where("last_activation", "<", String(id));
      await behind.set({ last_activation: String(id) }).execute();
    },
  };
}

function isBusy(error: unknown): never {
  if (sqlState(error) !== "55P03") throw error;
  throw new VivifiedError("conflict", { detail: "somebody else is changing the policy; look and try again" });
}
