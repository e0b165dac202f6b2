import type { Clock } from "@vivified/runtime";
import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import type { AlertRule, Finding } from "../finding.ts";

export type CheckpointLateDeps = { readonly db: Db; readonly clock: Clock; readonly lateMs: number };
type Standing = { readonly signed: number; readonly size: number };

/** Records wait and no checkpoint was signed for too long: the log's storage is away, or it contradicts what was signed. */
export function checkpointLate({ db, clock, lateMs }: CheckpointLateDeps): AlertRule {
  let waiting: { readonly signed: number; readonly sinceMs: number } | undefined;
  const look = async () => {
    const { signed, size } = await standing(db);
    if (signed === size) waiting = undefined;
    else if (waiting?.signed !== signed) waiting = { signed, sinceMs: clock.monotonicMs() };
    if (waiting === undefined || clock.monotonicMs() - waiting.sinceMs < lateMs) return [];
    return [findingOf({ signed, size }, clock.now())];
  };
  return { name: "checkpoint_late", look, ends: 0 };
}

async function standing(db: Db): Promise<Standing> {
  const { rows } = await sql<{ signed: string; size: string }>`
    select coalesce((select max(size) from log_checkpoints), 0) as signed, log_size as size from audit_position`.execute(
    db,
  );
  const [row] = rows;
  return { signed: Number(row?.signed ?? 0), size: Number(row?.size ?? 0) };
}

function findingOf({ signed, size }: Standing, evidenceAt: Date): Finding {
  const message = `No checkpoint was signed in time: ${size - signed} records wait behind the first ${signed}`;
  const labels = { waiting: String(size - signed), signed: String(signed) };
  return { rule: "checkpoint_late", subject: "audit log", severity: "high", message, evidenceAt, labels };
}
