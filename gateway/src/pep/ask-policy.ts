import type {
  Attributes,
  Decision,
  Entrypoint,
  Field,
  JsonObject,
  PolicyGrant,
  PolicyInputs,
} from "@vivified/contracts";
import { describePayload, type FieldDictionary } from "@vivified/pdp";
import type { Snapshot } from "../snapshot/snapshot.ts";
import type { Judgement, Question } from "./question.ts";

export type AskPolicyDeps = {
  /** The policy in force: one for the whole of a question. @throws VivifiedError `policy_missing` 503 */
  readonly policy: () => AskedPolicy;
  readonly snapshot: () => Snapshot;
};
export type AskedPolicy = {
  /** Never rejects. */
  readonly decide: (entrypoint: Entrypoint, input: PolicyInputs[Entrypoint]) => Promise<Decision>;
  readonly dictionary: FieldDictionary;
};
export type Described = { readonly fields: readonly Field[]; readonly attributes: Attributes };

/**
 * Asks policy: looks up the one grant that concerns the question (in the snapshot of now, so that a withdrawn grant
 * holds for a reply too), describes the payload, and hands over nothing else.
 *
 * @throws VivifiedError `snapshot_stale` 503, `snapshot_missing` 503, `policy_missing` 503
 */
export async function askPolicy<E extends Entrypoint>(question: Question<E>, deps: AskPolicyDeps): Promise<Judgement> {
  const snapshot = deps.snapshot();
  const policy = deps.policy();
  const concealed = isConcealed(question, snapshot);
  const described = concealed ? nothing : describe(question, policy);
  const input = inputs[question.entrypoint](question, { snapshot, described });
  const decision = await policy.decide(question.entrypoint, input);
  return { decision, input, snapshot: snapshot.revision, ...(concealed && { concealed }) };
}

function describe<E extends Entrypoint>(question: Question<E>, { dictionary }: AskedPolicy): Described {
  const schema = schemas[question.entrypoint](question);
  return describePayload(question.payload, { dictionary, ...(schema && { schema }) });
}

const nothing: Described = { fields: [], attributes: {} };

/**
 * Whether the question is about an operation that the caller may not know. Its payload is not looked at, as none is that
 * is sent to an operation which does not exist: neither its faults nor the time they take may tell the two apart.
 */
function isConcealed(question: Question<Entrypoint>, { grants }: Snapshot): boolean {
  if (question.entrypoint !== "rpc/invoke") return false;
  const { target, operation } = (question as Question<"rpc/invoke">).resource;
  return grants.rpc(question.subject.id, target.id, operation.name) === undefined;
}

const schemas: { readonly [E in Entrypoint]: (question: Question<E>) => JsonObject | undefined } = {
  "events/publish": ({ resource }) => resource.schema,
  "events/deliver": ({ resource }) => resource.schema,
  "rpc/invoke": ({ resource }) => resource.operation.input,
  "rpc/reply": ({ resource }) => resource.operation.output,
  "egress/connect": () => undefined,
  "egress/reply": () => undefined,
};

type Facts = { readonly snapshot: Snapshot; readonly described: Described };
type InputsOf = { readonly [E in Entrypoint]: (question: Question<E>, facts: Facts) => PolicyInputs[E] };

const inputs: InputsOf = {
  "events/publish": (question, facts) => ({
    ...about(question, facts, facts.snapshot.grants.publish(question.subject.id, question.resource.eventType)),
    resource: { event_type: question.resource.eventType, traits: traitsOf(question.resource.traits, facts) },
  }),
  "events/deliver": (question, facts) => {
    const { subscriber, eventType, traits } = question.resource;
    return {
      ...about(question, facts, facts.snapshot.grants.subscribe(subscriber.id, eventType)),
      resource: { event_type: eventType, traits: traitsOf(traits, facts), subscriber: partyOf(subscriber) },
    };
  },
  "rpc/invoke": rpcInput,
  "rpc/reply": rpcInput,
  "egress/connect": (question, facts) => ({
    ...about(question, facts, facts.snapshot.grants.egress(question.subject.id, question.resource)),
    resource: { ...destination(question), lane_enabled: facts.snapshot.settings.egress_enabled },
  }),
  "egress/reply": (question, facts) => ({
    ...about(question, facts, facts.snapshot.grants.egress(question.subject.id, question.resource)),
    resource: { ...destination(question), status: question.resource.status },
  }),
};

function rpcInput(question: Question<"rpc/invoke" | "rpc/reply">, facts: Facts): PolicyInputs["rpc/invoke"] {
  const { target, operation } = question.resource;
  return {
    ...about(question, facts, facts.snapshot.grants.rpc(question.subject.id, target.id, operation.name)),
    resource: {
      plugin: target.id,
      operation: operation.name,
      traits: target.traits,
      requires_traits: operation.requiresTraits,
    },
  };
}

function about(question: Question<Entrypoint>, { described }: Facts, grant: PolicyGrant | undefined) {
  return { subject: partyOf(question.subject), ...described, ...(grant && { grant: { id: grant.id } }) };
}

function partyOf({ id, traits }: { readonly id: string; readonly traits: readonly string[] }) {
  return { id, traits };
}

function destination({ resource }: Question<"egress/connect" | "egress/reply">) {
  const { scheme, host, port, method, path } = resource;
  return { scheme, host, port, method, path };
}

/** Everything that an event carries: what was claimed for it, and what its fields say. */
function traitsOf(claimed: readonly string[], { described }: Facts): string[] {
  return [...new Set([...claimed, ...described.fields.flatMap((field) => field.traits)])].sort();
}
