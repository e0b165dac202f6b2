import type { AlertRuleName, AlertSeverity } from "@vivified/contracts";
import type { ColumnType, Generated } from "kysely";

/** JSON is handed over as text, so that arrays are not taken for PostgreSQL arrays, and comes back parsed. */
type Json<T> = ColumnType<T, string, string>;
type Time = ColumnType<Date, Date, Date>;

export type PluginStatusName = "registered" | "active" | "disabled";

/** The rows as PostgreSQL keeps them; what they mean is said by each domain's store. */
export type Tables = {
  users: {
    id: string;
    tenant_id: string;
    username: string;
    email: string;
    full_name: string;
    department: string | null;
    manager: string | null;
    password_hash: string | null;
    roles: string[];
    created_at: Time;
  };
  plugins: {
    id: string;
    tenant_id: string;
    spiffe_id: string;
    status: PluginStatusName;
    manifest: Json<unknown>;
    manifest_digest: string;
    proposed_manifest: ColumnType<unknown, string | null, string | null>;
    proposed_digest: string | null;
    registered_at: Time;
    last_heartbeat_at: Time | null;
  };
  plugin_grants: {
    id: string;
    plugin_id: string;
    position: number;
    grant_request: Json<unknown>;
    granted_by: string;
    granted_at: Time;
  };
  event_types: { type: string; tenant_id: string; schema: Json<unknown>; registered_at: Time };
  plugin_values: {
    plugin_id: string;
    key: string;
    tenant_id: string;
    value: Json<unknown>;
    updated_at: Time;
  };
  plugin_settings: { plugin_id: string; tenant_id: string; settings: Json<unknown>; updated_at: Time };
  outbox: {
    id: string;
    seq: Generated<string>;
    tenant_id: string;
    event_type: string;
    payload: Json<unknown>;
    traceparent: string;
    created_at: Time;
    attempts: Generated<number>;
    refusals: Generated<number>;
    next_attempt_at: Time;
    delivered_at: Time | null;
    failed_at: Time | null;
    last_code: string | null;
  };
  kept_payloads: { singleton: Generated<boolean>; rules: Json<unknown> };
  forgotten_keys: { key: string; tenant_id: string; subject: string; forgotten_at: Time };
  snapshot_revision: { singleton: Generated<boolean>; revision: string };
  policy_bundles: {
    revision: string;
    tenant_id: string;
    sha256: string;
    archive: Buffer;
    parts: string[];
    serial: string;
    rules: number;
    relaxed: Json<unknown>;
    key_id: string;
    stored_by: string;
    stored_at: Time;
  };
  policy_activations: {
    id: string;
    tenant_id: string;
    kind: "bootstrap" | "publish" | "rollback" | "source";
    revision: string;
    state: "pending" | "active" | "replaced" | "rejected";
    note: string;
    requested_by: string;
    requested_at: Time;
    decided_by: string | null;
    decided_at: Time | null;
  };
  log_state: { singleton: Generated<boolean>; fault: string | null };
  log_checkpoints: { size: string; root: string; note: string; made_at: Time };
  log_cosignatures: { size: string; witness: string; line: string; made_at: Time };
  policy_state: { singleton: Generated<boolean>; last_activation: string; shadow_revision: string | null };
  audit_position: { singleton: Generated<boolean>; stream_sequence: string; log_size: Generated<string> };
  audit_leaves: { log_index: string; entry: string };
  audit_unplaced: { log_index: string; occurred_at: Time; record: string; stream_sequence: string };
  alerts: {
    id: string;
    tenant_id: string;
    rule: AlertRuleName;
    subject: string;
    severity: AlertSeverity;
    message: string;
    labels: Json<unknown>;
    opened_at: Time;
    evidence_at: Time;
    told: number;
    told_at: Time;
    resolved_at: Time | null;
    acknowledged_at: Time | null;
    acknowledged_by: string | null;
    note: string | null;
  };
  alert_notices: { id: string; notice: Json<unknown>; fanned_out: Generated<boolean>; created_at: Time };
  alert_deliveries: {
    notice_id: string;
    channel: string;
    attempts: Generated<number>;
    next_attempt_at: Time;
    delivered_at: Time | null;
    dead_at: Time | null;
    last_code: string | null;
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
