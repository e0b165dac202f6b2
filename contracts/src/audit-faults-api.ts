import { type Static, Type } from "typebox";

const closed = { additionalProperties: false } as const;

const blockFields = {
  stream_sequence: Type.Integer({ description: "Where the block stands in `AUDIT_EVENTS`." }),
  writer: Type.String({ description: "Whose subject it was written to." }),
  fault: Type.String({ description: "As in the record `audit.chain_broken`." }),
  epoch: Type.String({ description: "As the block says; empty for what is no block." }),
  sequence: Type.Integer(),
  previous: Type.String(),
  hash: Type.String({ description: "Hex SHA-256 of the bytes; the record in the log names it, too." }),
  records: Type.Integer({ description: "How many of its records have a place in the log." }),
  ingested_at: Type.String({ format: "date-time" }),
};

/** A block of the audit stream that does not fit, without its bytes. */
export const FaultyBlock = Type.Object(blockFields, closed);
export type FaultyBlock = Static<typeof FaultyBlock>;

/** Query of `GET /admin/audit/faults`. */
export const FaultQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    before: Type.Optional(Type.Integer({ minimum: 0, description: "Only earlier ones; `next` of the page before." })),
  },
  closed,
);
export type FaultQuery = Static<typeof FaultQuery>;

/** Answer of `GET /admin/audit/faults`: newest first. */
export const FaultPage = Type.Object({ faults: Type.Array(FaultyBlock), next: Type.Optional(Type.Integer()) }, closed);
export type FaultPage = Static<typeof FaultPage>;

/** Answer of `GET /admin/audit/faults/{stream_sequence}`. */
export const WholeFaultyBlock = Type.Object(
  {
    ...blockFields,
    content: Type.Optional(
      Type.String({ description: "The block as it came, base64. Absent where only the stream has it." }),
    ),
  },
  closed,
);
export type WholeFaultyBlock = Static<typeof WholeFaultyBlock>;
