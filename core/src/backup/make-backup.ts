import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { auditEventsStream, canonicalEventsStream } from "@vivified/contracts";
import { type Clock, type Logger, VivifiedError } from "@vivified/runtime";
import { Client, escapeIdentifier } from "pg";
import { backupLock } from "../database/backup-lock.ts";
import type { LogStorage } from "../transparency/index.ts";
import { fileOf, filesIn } from "./backup-files.ts";
import type { BackupManifest } from "./backup-manifest.ts";
import { recordBackup } from "./backup-record.ts";
import { backUpLog } from "./log-files.ts";
import { listLog, logList } from "./log-list.ts";
import { type StreamKeeper, snapshotStream } from "./stream-snapshot.ts";
import { copyOut, type Table, tablesOf } from "./table-copy.ts";

export type BackupDeps = {
  readonly databaseUrl: string;
  /** Who keeps the audit trail, and who keeps the events: in one account they are the same. */
  readonly trail: StreamKeeper;
  readonly events: StreamKeeper;
  /** Where the log lies. */
  readonly storage: Pick<LogStorage, "read">;
  readonly clock: Clock;
  readonly logger: Logger;
};

/**
 * Takes a backup of a running platform, and says so in its trail first. The order makes the parts fit: rows first, in one snapshot; then the stream, which
 * so holds every block that the rows have taken in; then the log as the rows' newest checkpoint has it. What is newer
 * than the rows is taken in again after a restore.
 *
 * @throws VivifiedError `conflict` when the directory holds something; `log_inconsistent` when the log lacks a file; `database_unavailable`
 */
export async function makeBackup(directory: string, deps: BackupDeps): Promise<BackupManifest> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  if ((await readdir(directory)).length > 0)
    throw new VivifiedError("conflict", { detail: "the directory is not empty" });
  await using _ = await keepBlocks(deps.databaseUrl);
  await recordBackup(deps);
  const made_at = deps.clock.now().toISOString();
  const rows = await copyRows(directory, deps.databaseUrl);
  const streams = await copyStreams(directory, deps);
  await backUpLog(rows.checkpoint, { from: deps.storage, directory });
  await listLog(directory);
  const files = [...(await filesIn(directory, ["database", "streams"])), await fileOf(directory, logList)];
  const manifest = { version: 1, made_at, ...rows, streams, files } as const;
  await writeFile(join(directory, "manifest.json"), JSON.stringify(manifest, undefined, 2), {
    mode: 0o600,
    flush: true,
  });
  return manifest;
}

/** Until it is disposed of, retention takes no block out of the stream. */
async function keepBlocks(databaseUrl: string): Promise<AsyncDisposable> {
  const client = new Client({ connectionString: databaseUrl, keepAlive: true });
  await client.connect();
  await client.query("select pg_advisory_lock_shared(hashtext($1))", [backupLock]);
  return { [Symbol.asyncDispose]: () => client.end() };
}

async function copyRows(directory: string, databaseUrl: string) {
  const folder = join(directory, "database");
  await mkdir(folder);
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const tables = [...(await tablesOf(client))].map(({ name, columns }) => ({ name, columns: [...columns] }));
    await client.query("begin transaction isolation level repeatable read read only");
    await lockTables(client, tables);
    for (const table of tables) await copyOut(client, table, join(folder, `${table.name}.copy`));
    return { tables, ...(await standing(client)) };
  } finally {
    await client.end();
  }
}

/** Before the snapshot, which is taken by the first query behind it: a partition that is dropped later is in no copy, whatever a snapshot knows of it. */
async function lockTables(client: Client, tables: readonly Table[]): Promise<void> {
  await client.query(`lock table ${tables.map(({ name }) => escapeIdentifier(name)).join(", ")} in access share mode`);
}

/** What the snapshot says of itself. */
async function standing(client: Client) {
  const list = async (text: string) => (await client.query<{ it: string }>(text)).rows.map(({ it }) => it);
  const migrations = await list("select name as it from kysely_migration order by name");
  const months = await list(`select distinct replace(right(relname, 7), '_', '-') || '-01' as it from pg_inherits
    join pg_class on oid = inhrelid where relname ~ '^(decisions|decision_outcomes)_[0-9]{4}_[0-9]{2}$' order by 1`);
  const [at = "0", size = "0"] = await list(
    `select unnest(array[stream_sequence, log_size]) as it from audit_position`,
  );
  const notes = `select note || coalesce((select string_agg(line, '' order by witness) from log_cosignatures as c
    where c.size = log_checkpoints.size), '') as it from log_checkpoints order by size desc limit 1`;
  const [checkpoint = ""] = await list(notes);
  return { migrations, months, position: { stream_sequence: Number(at), log_size: Number(size) }, checkpoint };
}

async function copyStreams(directory: string, { trail, events }: BackupDeps) {
  const folder = join(directory, "streams");
  await mkdir(folder);
  const streams: BackupManifest["streams"] = [];
  const kept = [[auditEventsStream, trail] as const, [canonicalEventsStream, events] as const];
  for (const [{ name }, keeper] of kept) {
    streams.push({ name, description: { ...(await snapshotStream(keeper, name, join(folder, name))) } });
  }
  return streams;
}
