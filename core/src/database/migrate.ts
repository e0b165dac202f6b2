import type { Kysely } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { migrations } from "./migrations.ts";
import type { Tables } from "./tables.ts";

/** Brings the schema up to date, once whoever starts together (advisory lock), all or nothing. */
export async function migrate(db: Kysely<Tables>, these: Record<string, Migration> = migrations): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => these } });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}
