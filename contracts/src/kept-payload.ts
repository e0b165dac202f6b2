import { type Static, Type } from "typebox";
import type { JsonObject } from "./json.ts";
import { entrypoints } from "./lanes.ts";

const closed = { additionalProperties: false } as const;
/** RFC 6901, of a member; no `*`. */
const pointer = Type.String({ pattern: "^(/([^/~]|~[01])+)+$", maxLength: 512 });

/** What the operator keeps of one kind of payload, and which of its fields names the data subject. */
export const KeptPayloadRule = Type.Object(
  {
    entrypoint: Type.Enum([...entrypoints]),
    /** As in the record: event type, `plugin.operation`, `scheme://host:port`. */
    resource: Type.String({ minLength: 1, maxLength: 300 }),
    fields: Type.Array(pointer, { minItems: 1, maxItems: 50, uniqueItems: true }),
    subject: pointer,
  },
  closed,
);
export type KeptPayloadRule = Static<typeof KeptPayloadRule>;

/** `GET` and `PUT /admin/kept-payloads`: all rules. None keeps nothing, which is the default. */
export const KeptPayloadRules = Type.Object({ rules: Type.Array(KeptPayloadRule, { maxItems: 100 }) }, closed);
export type KeptPayloadRules = Static<typeof KeptPayloadRules>;

/** The same in the snapshot, with the public JWK that subjects' private keys are wrapped to: core's. */
export type KeptPayloadSettings = { readonly wrap_key: JsonObject; readonly rules: readonly KeptPayloadRule[] };

/**
 * Kept fields of a payload, in its record. `subject` is a keyed hash of who they are about (64 hex digits), `key` the id
 * of the subject's key, `jwe` a compact JWE (RFC 7516) of `{"<pointer>": value}` in canonical JSON.
 */
export type KeptPayload = { readonly subject: string; readonly key: string; readonly jwe: string };

/** How fields are sealed for a subject, and a subject's private key for core. */
export const subjectJwe = { alg: "ECDH-ES+A256KW", enc: "A256GCM" } as const;
/** `typ` of a JWE of kept fields; its header also names the record (`decision_id`). */
export const keptPayloadType = "vivified-kept+jwe";
export const wrappedSubjectKeyType = "vivified-subject-key+jwe";

const jwk = Type.Object({ kty: Type.Literal("EC"), crv: Type.Literal("P-256"), x: Type.String(), y: Type.String() });

/**
 * One of the `SUBJECT_KEYS` bucket, under the subject's hash: the public key, the private one wrapped to core, and the
 * HMAC-SHA-256 of all other members and the subject's hash under the platform's subject secret.
 */
export const SubjectKeyEntry = Type.Object(
  {
    version: Type.Literal(1),
    key: Type.String({ pattern: "^[0-9a-f-]{36}$" }),
    public: Type.Object(jwk.properties, closed),
    wrapped: Type.String({ maxLength: 4096 }),
    mac: Type.String({ pattern: "^[0-9a-f]{64}$" }),
  },
  closed,
);
export type SubjectKeyEntry = Static<typeof SubjectKeyEntry>;

/** `GET /admin/kept-payloads/{id}`: what was kept with a decision, opened. */
export const OpenedPayload = Type.Object({
  decision_id: Type.String(),
  subject: Type.String(),
  fields: Type.Record(Type.String(), Type.Unknown()),
});
export type OpenedPayload = Static<typeof OpenedPayload>;

/** `POST /admin/audit/forget`: the subject as payloads name it. It is not in any record of this. */
export const ForgetRequest = Type.Object({ subject: Type.String({ minLength: 1, maxLength: 1024 }) }, closed);
/** `destroyed` is false when there was no key: nothing was ever kept, or it was forgotten before. */
export const ForgetReply = Type.Object({ subject: Type.String(), destroyed: Type.Boolean() });
export type ForgetReply = Static<typeof ForgetReply>;
