import type { ColumnType, Generated } from "kysely";
import type { Json, Time } from "./columns.ts";

/** The rows of the audit trail: the decision log, its blocks and months, the transparency log, holds and pushing. */
export type AuditTables = {
  log_state: { singleton: Generated<boolean>; fault: string | null };
  log_checkpoints: { size: string; root: string; note: string; made_at: Time };
  log_cosignatures: { size: string; witness: string; line: string; made_at: Time };
  audit_position: { singleton: Generated<boolean>; stream_sequence: string; log_size: Generated<string> };
  audit_leaves: { log_index: string; entry: string };
  audit_unplaced: {
    log_index: string;
    occurred_at: Time;
    record: string;
    stream_sequence: string;
    decision_id: string | null;
    kept_key: string | null;
  };
  audit_untold: { singleton: Generated<boolean>; through_log_index: string };
  audit_holds: {
    id: string;
    tenant_id: string;
    reason: string;
    since: Time | null;
    until: Time | null;
    caller: string | null;
    target: string | null;
    placed_by: string;
    placed_at: Time;
    lift_requested_by: string | null;
    lift_requested_at: Time | null;
    lifted_by: string | null;
    lifted_at: Time | null;
  };
  audit_blocks: {
    stream_sequence: string;
    writer: string;
    epoch: string;
    sequence: string;
    previous: string;
    hash: string;
    records: number;
    fault: string | null;
    /** The whole block, of one that has a fault. */
    content: Buffer | null;
    ingested_at: Time;
  };
  decisions: {
    occurred_at: Time;
    decision_id: string;
    tenant_id: string;
    lane: string;
    entrypoint: string;
    caller: string;
    action: string;
    resource: string;
    target: string | null;
    effect: string;
    rules: string[];
    trace_id: string;
    parent_id: string | null;
    record: Json<unknown>;
    stream_sequence: string | null;
    log_index: string | null;
    shape_id: string | null;
    kept_subject: string | null;
  };
  decision_shapes: {
    id: Generated<string>;
    digest: string;
    lane: string;
    entrypoint: string;
    caller: string;
    action: string;
    resource: string | null;
    target: string | null;
    effect: string;
    rules: string[];
    would_deny: boolean;
    revision: string;
    outcome: string | null;
    wide: boolean;
    words: ColumnType<string, string, never>;
    first_at: Time;
    last_at: Time;
  };
  decision_counts: { shape_id: string; hour: Time; records: string };
  decision_outcomes: {
    decided_at: Time;
    decision_id: string;
    occurred_at: Time;
    record: Json<unknown>;
    stream_sequence: string;
    log_index: string | null;
  };
  audit_push_positions: {
    receiver: string;
    next_index: Generated<string>;
    holder: string | null;
    held_until: Time | null;
  };
  audit_push_refusals: { receiver: string; log_index: string; status: number; detail: string; refused_at: Time };
};
