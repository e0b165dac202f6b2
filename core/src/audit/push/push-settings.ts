import { type Static, Type } from "typebox";

const text = (description: string) => Type.Optional(Type.String({ description, minLength: 1 }));

/** Where the log is pushed to; nowhere when no address is set. Part of core's configuration. */
export const pushSettings = {
  auditPushOpaUrl: text("A receiver of OPA decision logs: records are posted to its /logs."),
  auditPushOpaTokenFile: text("File with the bearer token for it; read at every request."),
  auditPushOpaCaFile: text("Trusted roots (PEM) for it; the system's when absent."),
  auditPushOpaMaxBytes: Type.Integer({
    description: "Largest gzipped request to it, as OPA's upload_size_limit_bytes.",
    default: 32_768,
    minimum: 1_024,
  }),
  auditPushOtlpUrl: text("An OpenTelemetry collector (OTLP/HTTP): records are posted to its /v1/logs."),
  auditPushOtlpTokenFile: text("File with the bearer token for it; read at every request."),
  auditPushOtlpCaFile: text("Trusted roots (PEM) for it; the system's when absent."),
  auditPushOtlpMaxBytes: Type.Integer({
    description: "Largest gzipped request to it.",
    default: 1_048_576,
    minimum: 1_024,
  }),
  auditPushTimeoutMs: Type.Integer({
    description: "How long a whole answer of a receiver may take.",
    default: 10_000,
    minimum: 100,
  }),
  auditPushMaxDelayMs: Type.Integer({
    description: "The longest wait between two attempts at a receiver that is away.",
    default: 60_000,
    minimum: 100,
  }),
};
const PushSettings = Type.Object(pushSettings);
export type PushSettings = Static<typeof PushSettings>;
