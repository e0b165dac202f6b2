import { VivifiedError } from "@vivified/runtime";
import { sqlState } from "../database/guarded-pool.ts";
import type { Db } from "../database/open-database.ts";
import { policyActivations } from "./policy-activations.postgres.ts";
import { policyBundles } from "./policy-bundles.postgres.ts";
import type { PolicyStore } from "./policy-store.ts";

export function policyStore(db: Db): PolicyStore {
  return { ...policyBundles(db), ...policyActivations(db), ...stateIn(db) };
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
