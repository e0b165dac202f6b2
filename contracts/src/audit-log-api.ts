import { type Static, Type } from "typebox";

const closed = { additionalProperties: false } as const;

/** One signed head of the audit log. */
const LogCheckpoint = Type.Object(
  {
    size: Type.Integer({ description: "How many records it covers." }),
    root: Type.String({ description: "Root hash, base64." }),
    made_at: Type.String({ format: "date-time" }),
    note: Type.String({ description: "The signed note as others get it, with cosignatures." }),
    witnesses: Type.Array(Type.String(), { description: "Who cosigned it." }),
  },
  closed,
);
export type LogCheckpoint = Static<typeof LogCheckpoint>;

/** Query of `GET /admin/audit/checkpoints`. */
export const CheckpointQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    before: Type.Optional(Type.Integer({ minimum: 0, description: "Only smaller ones; `next` of the page before." })),
  },
  closed,
);
export type CheckpointQuery = Static<typeof CheckpointQuery>;

/** Answer of `GET /admin/audit/checkpoints`: the state of the log and its checkpoints, newest first. */
export const CheckpointPage = Type.Object(
  {
    origin: Type.String(),
    vkey: Type.String({ description: "Public key as signed-note writes it; what an auditor needs." }),
    placed: Type.Integer({ description: "Records that have a place in the log, signed or not." }),
    fault: Type.Optional(
      Type.String({ description: "What contradicts what was signed. Nothing is signed meanwhile." }),
    ),
    checkpoints: Type.Array(LogCheckpoint),
    next: Type.Optional(Type.Integer()),
  },
  closed,
);
export type CheckpointPage = Static<typeof CheckpointPage>;

/** Answer of `GET /admin/audit/proofs/{id}`: `.tlog-proof` texts (c2sp.org/tlog-proof@v1) against the newest checkpoint. */
export const RecordProofs = Type.Object(
  {
    size: Type.Integer({ description: "Size of the checkpoint." }),
    decision: Type.String(),
    outcome: Type.Optional(Type.String({ description: "Absent while the log has no outcome." })),
  },
  closed,
);
export type RecordProofs = Static<typeof RecordProofs>;
