import { type Static, Type } from "typebox";

const closed = { additionalProperties: false } as const;
const time = Type.String({ format: "date-time" });
const line = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: "^[^\\u0000-\\u001f\\u007f]*$" });

/** What a legal hold keeps: records that occurred from `since` on and before `until`, of a caller, to a target; what is absent keeps all. */
const scope = {
  since: Type.Optional(time),
  until: Type.Optional(time),
  caller: Type.Optional(line(256)),
  target: Type.Optional(line(256)),
};

/** `POST /admin/audit/holds` */
export const PlaceHoldRequest = Type.Object({ reason: line(1000), ...scope }, closed);
export type PlaceHoldRequest = Static<typeof PlaceHoldRequest>;

/**
 * A legal hold. `DELETE /admin/audit/holds/{id}` asks for its end (`lifting`, 202); when a second person says the same
 * within seven days, it is lifted (200).
 */
export const AuditHold = Type.Object({
  id: Type.String(),
  reason: Type.String(),
  ...scope,
  state: Type.Enum(["active", "lifting", "lifted"]),
  placed_by: Type.String(),
  placed_at: time,
  lift_requested_by: Type.Optional(Type.String()),
  lift_requested_at: Type.Optional(time),
  lifted_by: Type.Optional(Type.String()),
  lifted_at: Type.Optional(time),
});
export type AuditHold = Static<typeof AuditHold>;

/** `GET /admin/audit/holds`: all of them, newest first. */
export const AuditHoldList = Type.Object({ holds: Type.Array(AuditHold) });
export type AuditHoldList = Static<typeof AuditHoldList>;
