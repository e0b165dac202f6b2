import { type Static, Type } from "typebox";

const closed = { additionalProperties: false } as const;
const revision = Type.String({ minLength: 1, maxLength: 128, pattern: "^[A-Za-z0-9._:+-]+$" });
const time = Type.String({ format: "date-time" });
/** A line that a gateway says: short, and nothing that a terminal would obey. */
const line = (maxLength: number) => Type.String({ maxLength, pattern: "^[^\\u0000-\\u001f\\u007f-\\u009f]*$" });
const note = Type.String({ minLength: 1, maxLength: 1000 });

/** What makes a policy bundle unacceptable; each leaves the active one in place. */
export const bundleFaults = [
  "unsigned",
  "unknown_key",
  "bad_signature",
  "digest_mismatch",
  "truncated",
  "too_large",
  "path_escape",
  "malformed",
  "older_revision",
  "revision_reused",
  "not_runnable",
  "source_unavailable",
] as const;
export type BundleFault = (typeof bundleFaults)[number];

/** A floor rule that a bundle does not enforce: publishing it takes a second person and raises an alert. */
export const RelaxedRule = Type.Object({ rule: Type.String(), mode: Type.Enum(["off", "report"]) });
export type RelaxedRule = Static<typeof RelaxedRule>;

/** `POST /admin/policies/bundles`: the archive as `application/gzip`. The same archive again is the same answer. */
export const StoredBundle = Type.Object({
  revision,
  sha256: Type.String(),
  bytes: Type.Integer(),
  serial: Type.Integer(),
  rules: Type.Integer(),
  relaxed: Type.Array(RelaxedRule),
  key_id: Type.String(),
  stored_at: time,
  stored_by: Type.String(),
});
export type StoredBundle = Static<typeof StoredBundle>;

/** `POST /admin/policies/publish`. A bundle with a lower serial than the active one is refused: that is what rollback is for. */
export const PublishPolicyRequest = Type.Object({ revision, note }, closed);
export type PublishPolicyRequest = Static<typeof PublishPolicyRequest>;

/** `POST /admin/policies/rollback`: to a revision that was active before; without one, to the one before the active one. */
export const RollbackPolicyRequest = Type.Object({ revision: Type.Optional(revision), note }, closed);
export type RollbackPolicyRequest = Static<typeof RollbackPolicyRequest>;

/** `PUT /admin/policies/shadow`: judge live traffic with a candidate too, without effect. `DELETE` ends it. */
export const ShadowPolicyRequest = Type.Object({ revision }, closed);
export type ShadowPolicyRequest = Static<typeof ShadowPolicyRequest>;

/** One publication or rollback: `POST …/activations/{id}/approve` and `…/reject` are for a second person. */
export const PolicyActivation = Type.Object({
  id: Type.Integer(),
  kind: Type.Enum(["bootstrap", "publish", "rollback", "source"]),
  revision,
  state: Type.Enum(["pending", "active", "replaced", "rejected"]),
  note: Type.String(),
  relaxed: Type.Array(RelaxedRule),
  requested_by: Type.String(),
  requested_at: time,
  decided_by: Type.Optional(Type.String()),
  decided_at: Type.Optional(time),
});
export type PolicyActivation = Static<typeof PolicyActivation>;

/** How a candidate judged the traffic of one gateway, or of all. Questions that did not fit its queue are `skipped`. */
export const ShadowReport = Type.Object({
  revision,
  since: time,
  judged: Type.Integer(),
  skipped: Type.Integer(),
  failed: Type.Integer(),
  would_deny: Type.Integer(),
  would_allow: Type.Integer(),
  fields_changed: Type.Integer(),
  /** The latest decisions that would have come out otherwise. */
  examples: Type.Array(
    Type.Object({
      decision_id: line(100),
      entrypoint: line(100),
      active: line(100),
      candidate: line(100),
      rules: Type.Array(line(200), { maxItems: 20 }),
    }),
    { maxItems: 20 },
  ),
});
export type ShadowReport = Static<typeof ShadowReport>;

/**
 * What a gateway says of itself in the `POLICY_STATUS` bucket, under {@link policyStatusKey}: after every change, and at
 * least every ten seconds. One that has said nothing for thirty is gone.
 */
export const GatewayPolicyStatus = Type.Object({
  writer: line(200),
  revision: Type.Optional(revision),
  activation: Type.Integer(),
  activated_at: Type.Optional(time),
  /** From the moment the gateway heard of the activation to the first decision under it. */
  activation_ms: Type.Optional(Type.Number()),
  /** Why the latest activation was not taken; the one before stays in force. */
  refused: Type.Optional(Type.Object({ activation: Type.Integer(), fault: line(100), detail: line(500) })),
  shadow: Type.Optional(ShadowReport),
  reported_at: time,
});
export type GatewayPolicyStatus = Static<typeof GatewayPolicyStatus>;
export const policyStatusKey = (writer: string): string => `gateway.${writer}`;

/** `GET /admin/policies` */
export const PolicyOverview = Type.Object({
  active: Type.Optional(PolicyActivation),
  /** Whether every publication waits for a second person. */
  approval_required: Type.Boolean(),
  pending: Type.Array(PolicyActivation),
  history: Type.Array(PolicyActivation),
  bundles: Type.Array(StoredBundle),
  shadow: Type.Optional(revision),
  gateways: Type.Array(GatewayPolicyStatus),
  source: Type.Optional(
    Type.Object({
      url: Type.String(),
      etag: Type.Optional(Type.String()),
      checked_at: Type.Optional(time),
      fault: Type.Optional(Type.String()),
      detail: Type.Optional(Type.String()),
    }),
  ),
});
export type PolicyOverview = Static<typeof PolicyOverview>;

/**
 * `GET /admin/decisions/records`: whole records as the log keeps them, oldest first, for replay. `after` is the cursor of
 * the page that came last.
 */
export const RecordQuery = Type.Object(
  {
    since: Type.Optional(time),
    until: Type.Optional(time),
    entrypoint: Type.Optional(Type.String({ maxLength: 40 })),
    after: Type.Optional(Type.String({ maxLength: 400 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5000 })),
  },
  closed,
);
export type RecordQuery = Static<typeof RecordQuery>;
export const RecordPage = Type.Object({
  records: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  next: Type.Optional(Type.String()),
});
export type RecordPage = Static<typeof RecordPage>;
