import type { AlertRuleName, AlertSeverity } from "@vivified/contracts";
import type { ColumnType, Generated } from "kysely";
import type { AuditTables } from "./audit-tables.ts";
import type { Json, Time } from "./columns.ts";

export type PluginStatusName = "registered" | "active" | "disabled";

/** The rows as PostgreSQL keeps them; what they mean is said by each domain's store. */
export type Tables = AuditTables & {
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
  policy_state: { singleton: Generated<boolean>; last_activation: string; shadow_revision: string | null };
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
};
