import type { ErrorCode } from "@vivified/contracts";

type RefusalRuleText = { readonly code: ErrorCode; readonly message: string; readonly fix: string };

/** Every no that needs no policy: how it is told to the caller (`code`), and what people read in the record. */
export const refusalRules = {
  "peer.unknown": { code: "denied", message: "The caller is not a plugin that is known here", fix: "register it" },
  "peer.not_approved": {
    code: "denied",
    message: "The caller waits for approval",
    fix: "approve the plugin with the grants it needs",
  },
  "peer.disabled": { code: "denied", message: "The caller is quarantined", fix: "enable the plugin again" },
  "peer.claims_another": {
    code: "source_mismatch",
    message: "The request claims to come from someone else",
    fix: "leave plugin_id, X-Plugin-Id and source_plugin out, or name yourself",
  },
  "events.source_forged": {
    code: "source_mismatch",
    message: "The event claims to come from another plugin",
    fix: "set source_plugin to the publishing plugin's own id",
  },
  "events.unknown_type": {
    code: "denied",
    message: "The event type is not registered",
    fix: "register the event type, or publish one that is",
  },
  "events.dead_letter": {
    code: "target_failed",
    message: "The subscriber did not take the event, and it was tried often enough",
    fix: "repair the subscriber, then redeliver the event to it",
  },
  "events.unreadable": {
    code: "internal",
    message: "The stored event is not an event",
    fix: "find out who else writes to the event store",
  },
  "events.unjudgeable": {
    code: "internal",
    message: "The stored event cannot be judged by the rules of now",
    fix: "find out what changed since it was published: its schema, or the field dictionary",
  },
  "events.schema": {
    code: "invalid",
    message: "The payload breaks the schema of its event type",
    fix: "send what the schema says",
  },
  "rpc.unknown_operation": {
    code: "not_found",
    message: "There is no such operation",
    fix: "call an operation that an active plugin declares",
  },
  "rpc.input_schema": {
    code: "invalid",
    message: "The payload breaks the operation's input schema",
    fix: "send what the schema says",
  },
  "rpc.target_unavailable": {
    code: "target_unavailable",
    message: "No instance of the target is ready",
    fix: "start the target plugin",
  },
  "rpc.unjudgeable_reply": {
    code: "reply_withheld",
    message: "The target's reply cannot be judged",
    fix: "have the target answer with plain field names, less deep and smaller",
  },
  "egress.method": {
    code: "method_not_allowed",
    message: "The method is not supported on the egress lane",
    fix: "use GET, POST, PUT, PATCH, DELETE, HEAD, or SEND for mail",
  },
  "egress.rate_limited": {
    code: "rate_limited",
    message: "Too many egress requests",
    fix: "wait as long as Retry-After says",
  },
  "egress.unresolvable": {
    code: "unresolvable",
    message: "The destination's name cannot be resolved",
    fix: "check the name",
  },
  "egress.unsafe_address": {
    code: "unsafe_address",
    message: "The destination's name leads to an address that plugins may not reach",
    fix: "use a destination with a public address",
  },
  "egress.unjudgeable_reply": {
    code: "reply_withheld",
    message: "The outside service's answer cannot be judged",
    fix: "ask the service for plain field names, less deep and smaller",
  },
} as const satisfies Record<string, RefusalRuleText>;

export type RefusalRule = keyof typeof refusalRules;
