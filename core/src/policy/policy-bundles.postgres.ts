import type { RelaxedRule } from "@vivified/contracts";
import { type Selectable, sql } from "kysely";
import type { Db } from "../database/open-database.ts";
import type { Tables } from "../database/tables.ts";
import { defaultTenant } from "../tenant.ts";
import type { KeptBundle, NewBundle, PolicyStore } from "./policy-store.ts";

const mostBundles = 100;

/** The part of the store that keeps bundles. */
export type PolicyBundles = Pick<PolicyStore, "addBundle" | "findBundle" | "archive" | "bundles">;

export function policyBundles(db: Db): PolicyBundles {
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

/** What a bundle relaxes, as it was written. */
export const relaxedOf = (value: unknown): RelaxedRule[] => value as RelaxedRule[];
