import { type Static, Type } from "typebox";
import { eventTypePattern } from "./streams.ts";

const closed = { additionalProperties: false } as const;
const payload = Type.Record(Type.String(), Type.Unknown());

/** `POST /events/publish`; an `Idempotency-Key` header makes repeated requests one event. */
export const PublishRequest = Type.Object(
  {
    event_type: Type.String({ pattern: eventTypePattern }),
    payload,
    source_plugin: Type.String(),
    data_traits: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 32 })),
    trace_id: Type.Optional(Type.String({ pattern: "^[0-9a-f]{32}$" })),
    metadata: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 1024 }), { maxProperties: 32 })),
  },
  closed,
);
export type PublishRequest = Static<typeof PublishRequest>;
export const PublishReply = Type.Object({ event_id: Type.String() });
export type PublishReply = Static<typeof PublishReply>;

/** An event as the stream keeps it. `source` (SPIFFE ID) and `timestamp` are the gateway's own word. */
export type EventEnvelope = {
  readonly event_id: string;
  readonly trace_id: string;
  readonly event_type: string;
  readonly timestamp: string;
  readonly source_plugin: string;
  readonly source: string;
  readonly data_traits: readonly string[];
  readonly payload: { readonly [key: string]: unknown };
  readonly metadata: { readonly [key: string]: string };
  /** The decision that let it in. */
  readonly decision_id: string;
};

/**
 * Deliveries are CloudEvents 1.0 in binary mode (HTTP binding §3.1): attributes as `ce-` headers, the sanitized payload
 * as JSON body. Extensions: `ce-traceid`, `ce-decisionid`, `ce-datacategory` (traits, comma-separated).
 */
export const cloudEventsSpecVersion = "1.0";

/** `POST /proxy`. For mail: `smtp://` or `smtps://`, method `SEND`, and a {@link MailBody}. */
export const ProxyRequest = Type.Object(
  {
    url: Type.String({ maxLength: 4096 }),
    method: Type.String({ maxLength: 16 }),
    headers: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 8192 }), { maxProperties: 64 })),
    body: Type.Optional(Type.Unknown()),
  },
  closed,
);
export type ProxyRequest = Static<typeof ProxyRequest>;
export const ProxyReply = Type.Object({
  status_code: Type.Integer(),
  headers: Type.Record(Type.String(), Type.String()),
  body: Type.Unknown(),
});
export type ProxyReply = Static<typeof ProxyReply>;

const address = Type.String({ minLength: 3, maxLength: 320 });
const addresses = Type.Array(address, { maxItems: 100 });
export const MailBody = Type.Object(
  {
    from: address,
    to: Type.Array(address, { minItems: 1, maxItems: 100 }),
    cc: Type.Optional(addresses),
    bcc: Type.Optional(addresses),
    subject: Type.String({ maxLength: 998 }),
    text: Type.Optional(Type.String()),
    html: Type.Optional(Type.String()),
    headers: Type.Optional(Type.Record(Type.String(), Type.String(), { maxProperties: 32 })),
  },
  closed,
);
export type MailBody = Static<typeof MailBody>;

/** The gateway's token on a call: EdDSA JWT, `typ` `vivified-call+jwt`, 60 s, `aud` the target's SPIFFE ID. */
export const callTokenType = "vivified-call+jwt";
export type CallTokenClaims = {
  readonly iss: string;
  /** The caller's SPIFFE ID (for a delivery: the publisher's). */
  readonly sub: string;
  readonly aud: string;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
  readonly decision_id: string;
  /** `rpc:<operation>` or `event:<type>` */
  readonly action: string;
};

/** Headers on what a plugin receives. */
export const pluginHeaders = {
  caller: "x-caller-plugin",
  trace: "x-trace-id",
  decision: "x-decision-id",
  token: "x-vivified-token",
} as const;

/** Between gateway and core (mTLS both ways): on whose behalf the gateway asks. Core believes it from the gateway only. */
export const onBehalfOfHeader = "x-vivified-caller";
