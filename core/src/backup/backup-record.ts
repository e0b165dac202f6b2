import { hostname, userInfo } from "node:os";
import type { DecisionRecord } from "@vivified/contracts";
import { type Logger, newTrace } from "@vivified/runtime";
import { changeRecord, decisionStore } from "../audit/index.ts";
import { Database } from "../database/open-database.ts";
import type { BackupManifest } from "./backup-manifest.ts";
import type { Checked } from "./check-restored.ts";

type BackupTask = { readonly action: string; readonly rule: string; readonly message: string };
type Labels = { readonly [name: string]: string };
type RecordDeps = { readonly databaseUrl: string; readonly logger: Logger };

/**
 * Records that the whole trail is copied, before any of it is: what the log and the stream had come to, and who did it as
 * far as the system knows.
 *
 * @throws VivifiedError `database_unavailable`
 */
export async function recordBackup({ databaseUrl, logger }: RecordDeps): Promise<void> {
  await using database = new Database({ url: databaseUrl, logger, connections: 1 });
  const at = await database.db.selectFrom("audit_position").selectAll().executeTakeFirstOrThrow();
  const labels = { log_size: at.log_size, stream_sequence: at.stream_sequence };
  const told = { action: "take backup", rule: "backup.taken", message: "A backup of the whole audit trail is taken" };
  await decisionStore(database.db).append([taskRecord(told, labels)]);
}

/**
 * Records, in the rows that were restored, which backup they come from and what was checked.
 *
 * @throws VivifiedError `database_unavailable`
 */
export async function recordRestore(
  { made_at, position }: Pick<BackupManifest, "made_at" | "position">,
  checked: Checked,
  { databaseUrl, logger }: RecordDeps,
): Promise<void> {
  const counts = { ...position, ...checked };
  const labels = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, String(count)]));
  const told = { action: "restore backup", rule: "backup.restored", message: "The trail was restored from a backup" };
  await using database = new Database({ url: databaseUrl, logger, connections: 1 });
  await decisionStore(database.db).append([taskRecord(told, { made_at, ...labels })]);
}

function taskRecord({ rule, message, action }: BackupTask, labels: Labels): DecisionRecord {
  const by = { user: userName(), host: hostname() };
  const resource = "audit trail";
  const reason = { rule, message, fix: "" };
  return changeRecord({ caller: "core", action, resource, trace: newTrace(), reason, labels: { ...by, ...labels } });
}

/** A user that has no name here is told by its number. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? "unknown");
  }
}
