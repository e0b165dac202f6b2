import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";

const text = Type.String();
const optional = Type.Optional(text);
const moment = Type.String({ pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{1,9})?Z$" });
const Reasons = Type.Array(Type.Object({ rule: text, message: text, fix: text }));
const Obligations = Type.Array(Type.Object({ path: text, action: text }));
/** What core adds to a record when it tells of it: nobody else may. */
const added = Type.Optional(Type.Never());
const addedByCore = { outcome: added, log_index: added, stream_sequence: added };

/** Every field that something of ours reads later has its type here, or one record could stop what reads it. */
const Decision = Type.Object({
  kind: Type.Literal("decision"),
  decision_id: Type.String({ minLength: 1, maxLength: 64 }),
  timestamp: moment,
  lane: Type.Enum(["events", "rpc", "egress", "core", "gateway", "mesh"]),
  entrypoint: text,
  path: text,
  revision: text,
  snapshot: Type.Number(),
  caller: text,
  action: text,
  resource: text,
  target: optional,
  result: Type.Object({
    effect: Type.Enum(["allow", "sanitize", "deny"]),
    reasons: Reasons,
    obligations: Obligations,
    would_deny: Type.Optional(Reasons),
    would_sanitize: Type.Optional(Obligations),
  }),
  trace_id: text,
  parent_id: optional,
  payload_digest: optional,
  payload_bytes: Type.Optional(Type.Number()),
  digest_key: optional,
  erased: Type.Optional(Type.Array(text)),
  masked: Type.Optional(Type.Array(text)),
  kept: Type.Optional(Type.Object({ subject: text, key: text, jwe: text })),
  labels: Type.Record(Type.String({ pattern: "^[\\s\\S]*$" }), text), // any name, also of two lines
  ...addedByCore,
});
const Outcome = Type.Object({
  kind: Type.Literal("outcome"),
  decision_id: Type.String({ minLength: 1, maxLength: 64 }),
  timestamp: moment,
  outcome: text,
  status: Type.Optional(Type.Number()),
  code: optional,
  duration_ms: Type.Number(),
  bytes: Type.Optional(Type.Number()),
});

/** One message of the audit stream; records may carry more, and are kept whole. */
export const BlockMessage = Type.Object({
  version: Type.Literal(1),
  writer: Type.String({ pattern: "^[a-z0-9-]{1,64}$" }),
  epoch: Type.String({ minLength: 1, maxLength: 64 }),
  sequence: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  previous: Type.String({ pattern: "^[0-9a-f]{64}$" }),
  records: Type.Array(Type.Union([Decision, Outcome])),
});
export type BlockMessage = Static<typeof BlockMessage>;

export const blockMessages = Compile(BlockMessage);
