import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalEventsStream } from "@vivified/contracts";
import { type Logger, VivifiedError } from "@vivified/runtime";
import { Client, escapeIdentifier } from "pg";
import { migrateWhenReady } from "../database/migrate-when-ready.ts";
import { migrations } from "../database/migrations.ts";
import type { LogStorage } from "../transparency/index.ts";
import { requireWhole } from "./backup-files.ts";
import { type BackupManifest, parseManifest } from "./backup-manifest.ts";
import { recordRestore } from "./backup-record.ts";
import { type Checked, checkRestored, type HeldCheckpoint } from "./check-restored.ts";
import { requireNoLog, restoreLog } from "./log-files.ts";
import { logList, requireListed } from "./log-list.ts";
import { requireNoStream, restoreStream, type StreamKeeper } from "./stream-snapshot.ts";
import { copyIn } from "./table-copy.ts";

export type RestoreDeps = HeldCheckpoint & {
  /** An empty database. */
  readonly databaseUrl: string;
  /** Whose blocks core will take in: JSON, public keys by process. */
  readonly processKeysFile: string;
  /** On a server without our streams: who is to keep the audit trail, and who the events. */
  readonly trail: StreamKeeper;
  readonly events: StreamKeeper;
  /** Where the log goes; no checkpoint may lie there. */
  readonly storage: LogStorage;
  readonly logger: Logger;
};

/**
 * Puts a backup onto servers that hold nothing, and checks that the parts fit: every block against the rows, the tiles
 * against the signed checkpoint, and the log against a checkpoint that somebody else holds. What was restored says so in a
 * record of its own. Core may be started afterwards.
 *
 * @throws VivifiedError `malformed` for a backup that is not whole; `conflict` where something is there already, or a
 *   later release made the backup; `log_inconsistent`, `audit_unavailable` when the parts do not fit
 */
export async function restoreBackup(directory: string, deps: RestoreDeps): Promise<Checked> {
  const manifest = parseManifest(await readFile(join(directory, "manifest.json"), "utf8"));
  for (const file of manifest.files) await requireWhole(directory, file);
  if (manifest.files.some(({ path }) => path === logList)) await requireListed(directory); // no backup from before has one
  const keeperOf = (stream: string) => (stream === canonicalEventsStream.name ? deps.events : deps.trail);
  await requireNoLog(deps.storage);
  for (const { name } of manifest.streams) await requireNoStream(keeperOf(name).nats, name);
  await restoreRows(directory, manifest, deps); // refuses a database that holds something
  await restoreLog(manifest.checkpoint, { directory, to: deps.storage });
  for (const stream of manifest.streams) {
    await restoreStream(keeperOf(stream.name).nats, stream, join(directory, "streams", stream.name));
  }
  const checked = await checkRestored({ ...deps, nats: deps.trail.nats });
  await recordRestore(manifest, checked, deps);
  return checked;
}

/** Under the schema that they were copied from, which is then brought up to date as that of a platform would be. */
async function restoreRows(directory: string, manifest: BackupManifest, deps: RestoreDeps): Promise<void> {
  const theirs = migrationsOf(manifest);
  const client = new Client({ connectionString: deps.databaseUrl });
  await client.connect();
  try {
    await requireEmpty(client);
    await makeSchema(theirs, deps);
    await client.query("begin");
    const names = manifest.tables.map(({ name }) => escapeIdentifier(name)).join(", ");
    await client.query(`truncate ${names}`);
    for (const month of manifest.months) await client.query("select ensure_audit_month($1::date)", [month]);
    for (const table of manifest.tables) await copyIn(client, table, join(directory, "database", `${table.name}.copy`));
    await client.query("commit");
    await makeSchema(migrations, deps);
    await client.query("analyze");
  } finally {
    await client.end();
  }
}

async function requireEmpty(client: Client): Promise<void> {
  const { rows } = await client.query("select 1 from pg_class where relnamespace = 'public'::regnamespace limit 1");
  if (rows.length > 0) throw new VivifiedError("conflict", { detail: "the database is not empty" });
}

function makeSchema(these: typeof migrations, { databaseUrl: url, logger }: RestoreDeps): Promise<void> {
  return migrateWhenReady({ url, logger, migrations: these, busy: () => undefined });
}

/** Those that the backup's release had: the first of ours. @throws VivifiedError `conflict` when it had others */
function migrationsOf({ migrations: theirs }: BackupManifest): typeof migrations {
  const ours = Object.entries(migrations).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const first = ours.slice(0, theirs.length);
  if (first.map(([name]) => name).join() === theirs.join()) return Object.fromEntries(first);
  throw new VivifiedError("conflict", { detail: "a later release made the backup: restore with that one" });
}
