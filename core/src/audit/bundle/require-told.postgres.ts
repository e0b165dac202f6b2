import { VivifiedError } from "@vivified/runtime";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import { type BundleRange, withNeighbours } from "./bundle-range.ts";
import { tellsOfDeletionIn } from "./deletions-of.postgres.ts";

const detail = "records of the stretch were just deleted, and no published checkpoint covers yet what says so";

/**
 * Refuses an export of which something was deleted by a retention that the log, up to the checkpoint, does not tell of: to
 * an auditor it would look as if somebody had taken it away. Asked when the records were read, too: retention does not wait.
 *
 * @throws VivifiedError `audit_behind` 503
 */
export async function requireTold({ from, to, evidence }: BundleRange, size: number, db: Db): Promise<void> {
  const end = Math.max(to, (evidence.at(-1) ?? 0) + 1);
  const exported = withNeighbours({ from, to: end });
  const { rows } = await sql<{ untold: boolean }>`
    select exists (select from decisions
      where (log_index is null or log_index >= ${size}) and ${tellsOfDeletionIn(exported)}) as untold`.execute(db);
  if (rows[0]?.untold) throw new VivifiedError("audit_behind", { detail });
}
