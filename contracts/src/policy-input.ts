/**
 * What each policy sees as `input`. Absent facts are left out, never null (null is true in Rego). The JSON Schemas in
 * `policies/schemas/` close the same shapes, so a misspelt field in a rule is a type error.
 */

/** One field of a payload: where (JSON Pointer, array indices folded to `*`), what kind, and what it means. */
export type Field = {
  readonly path: string;
  readonly type: "string" | "number" | "boolean" | "null" | "object" | "array";
  readonly traits: readonly string[];
};

/** Values that a schema exposes on purpose (`x-vivified-attribute`); the only payload values policy ever sees. */
export type Attributes = { readonly [name: string]: string | number | boolean };

export type PolicyParty = { readonly id: string; readonly traits: readonly string[] };

/** The operator's grant that concerns this very question, looked up by the host. */
export type PolicyGrant = { readonly id: string };

type About<Resource> = {
  readonly subject: PolicyParty;
  readonly resource: Resource;
  readonly grant?: PolicyGrant;
  readonly fields: readonly Field[];
  readonly attributes: Attributes;
};

/** `subject` publishes; `resource.traits` is everything the event carries, by schema, dictionary and claim. */
export type EventsPublishInput = About<{ readonly event_type: string; readonly traits: readonly string[] }>;

/** `subject` published; `resource.subscriber` would receive. */
export type EventsDeliverInput = About<{
  readonly event_type: string;
  readonly traits: readonly string[];
  readonly subscriber: PolicyParty;
}>;

/** `subject` calls `resource.plugin`; `resource.traits` are the target's, so they say what the target may see. */
export type RpcInvokeInput = About<RpcResource>;

/** The reply on its way back: `subject` (the caller) is the receiver now, `fields` are the reply's. */
export type RpcReplyInput = About<RpcResource>;

export type RpcResource = {
  readonly plugin: string;
  readonly operation: string;
  readonly traits: readonly string[];
  readonly requires_traits: readonly string[];
};

/** `subject` wants to reach a destination; `lane_enabled` is the platform switch of the whole lane. */
export type EgressConnectInput = About<EgressResource & { readonly lane_enabled: boolean }>;

/** What came back on its way to `subject`. */
export type EgressReplyInput = About<EgressResource & { readonly status: number }>;

export type EgressResource = {
  readonly scheme: string;
  readonly host: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
};

/** A person (or API key) asks core for something. `subject.traits` come from roles. */
export type AdminAccessInput = {
  readonly subject: PolicyParty;
  readonly resource: { readonly method: string; readonly route: string };
};

/** A record on its way into the log: which of its fields must not be kept. */
export type AuditMaskInput = {
  readonly lane: string;
  readonly entrypoint: string;
  readonly fields: readonly Field[];
  readonly attributes: Attributes;
};

export type PolicyInputs = {
  "events/publish": EventsPublishInput;
  "events/deliver": EventsDeliverInput;
  "rpc/invoke": RpcInvokeInput;
  "rpc/reply": RpcReplyInput;
  "egress/connect": EgressConnectInput;
  "egress/reply": EgressReplyInput;
  "admin/access": AdminAccessInput;
  "audit/mask": AuditMaskInput;
};
