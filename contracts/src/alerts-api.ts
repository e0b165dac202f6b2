import { type Static, Type } from "typebox";

const time = Type.String({ format: "date-time" });

/** What alerts are about. Names are kept: they are the `kind` of a `SecurityAlert` and what receivers filter by. */
export const alertRules = [
  "denials_spike",
  "policy_floor_relaxed",
  "audit_verification_failed",
  "checkpoint_late",
  "cosignature_late",
  "login_lockout",
  "join_token_reused",
  "join_token_forged",
  "audit_unavailable",
  "alert_undelivered",
  "retention_late",
  "clock_skewed",
  "ingest_late",
  "own_blocks_late",
  "trail_filling",
  "alert_rule_failing",
] as const;
export type AlertRuleName = (typeof alertRules)[number];

export const alertSeverities = ["medium", "high", "critical"] as const;
export type AlertSeverity = (typeof alertSeverities)[number];

/** One alert: opened once, told again within bounds while it lasts, resolved by itself or, where a person has to look, once acknowledged. */
export const Alert = Type.Object({
  id: Type.String(),
  rule: Type.Enum([...alertRules]),
  /** What of: a caller, a writer, a policy revision, `*` for all, `and others` for those that get no alert of their own. */
  subject: Type.String(),
  severity: Type.Enum([...alertSeverities]),
  message: Type.String(),
  labels: Type.Record(Type.String(), Type.String()),
  state: Type.Enum(["open", "acknowledged", "resolved"]),
  opened_at: time,
  /** The latest moment that speaks for it. */
  evidence_at: time,
  /** How often it was told, the first time included. */
  told: Type.Integer(),
  resolved_at: Type.Optional(time),
  acknowledged_at: Type.Optional(time),
  acknowledged_by: Type.Optional(Type.String()),
  note: Type.Optional(Type.String()),
});
export type Alert = Static<typeof Alert>;

/** `GET /admin/alerts`: newest first; `before` is the id of the last one of the page that came before. */
export const AlertQuery = Type.Object(
  {
    state: Type.Optional(Type.Enum(["open", "acknowledged", "resolved"])),
    before: Type.Optional(Type.String({ maxLength: 64 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  },
  { additionalProperties: false },
);
export type AlertQuery = Static<typeof AlertQuery>;
export const AlertPage = Type.Object({ alerts: Type.Array(Alert) });
export type AlertPage = Static<typeof AlertPage>;

/** `POST /admin/alerts/{id}/acknowledge` */
export const AcknowledgeRequest = Type.Object(
  { note: Type.String({ minLength: 1, maxLength: 1000, pattern: "^[^\\u0000]*$" }) },
  { additionalProperties: false },
);
export type AcknowledgeRequest = Static<typeof AcknowledgeRequest>;

/** What a channel is told: the body of a webhook (Standard Webhooks: `type`, `timestamp`, `data`). */
export type AlertNotice = {
  readonly type: "alert.opened" | "alert.repeated" | "alert.resolved";
  readonly timestamp: string;
  readonly data: Alert;
};
