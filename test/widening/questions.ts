import type { JsonObject, PolicyInputs } from "@vivified/contracts";
import { type AnyEntrypoint, describePayload, parseDictionary } from "@vivified/pdp";
import fc from "fast-check";

/** A question with the payload that it is about. */
export type AskedAbout = {
  readonly entrypoint: AnyEntrypoint;
  readonly input: PolicyInputs[AnyEntrypoint];
  readonly payload: JsonObject;
};

const traits = [
  "pii",
  "phi",
  "financial",
  "confidential",
  "requires_encryption",
  "direct_identifier",
  "public",
  "made_up",
];
const clearances = [
  "handles_pii",
  "handles_phi",
  "handles_financial",
  "can_receive_confidential",
  "encryption_capable",
];
const everything = [...clearances, "external_service", "admin_capable", "security_capable", "viewer_capable"];
/** Most parties may do most things: what is denied anyway shows nothing of a customer's rules. */
const held = fc.oneof(
  { weight: 3, arbitrary: fc.subarray(everything, { minLength: 6 }) },
  { weight: 1, arbitrary: fc.subarray(everything) },
);
const labels = fc.oneof(
  { weight: 3, arbitrary: fc.constant([]) },
  { weight: 2, arbitrary: fc.subarray(traits, { maxLength: 2 }) },
);

/** Every value is a date of its own, so that what is left of it can be told whatever was done to it and wherever it went. */
export const leaves: readonly string[] = Array.from({ length: 12 }, (_, index) => `19${10 + index}-03-${10 + index}`);

const payload: JsonObject = {
  born: leaves[0] ?? "",
  profile: { ssn: leaves[1] ?? "", "a/b~c": leaves[2] ?? "", deep: { note: leaves[3] ?? "" } },
  dates: [leaves[4] ?? "", leaves[5] ?? ""],
  people: [
    { name: leaves[6] ?? "", born: leaves[7] ?? "" },
    { name: leaves[8] ?? "", more: [leaves[9] ?? "", { x: leaves[10] ?? "" }] },
  ],
  last: leaves[11] ?? "",
};

/** A schema of the payload that labels its parts at random, containers too. */
const schema: fc.Arbitrary<JsonObject> = fc.array(labels, { minLength: 10, maxLength: 10 }).map((given) => {
  const [born, profile, ssn, odd, deep, dates, item, people, name, last] = given.map((of) => ({
    "x-vivified-traits": of,
  }));
  const inProfile = { ssn: ssn ?? {}, "a/b~c": odd ?? {}, deep: deep ?? {} };
  return {
    properties: {
      born: born ?? {},
      profile: { ...profile, properties: inProfile },
      dates: { ...dates, items: item ?? {} },
      people: { ...people, items: { properties: { name: name ?? {} } } },
      last: last ?? {},
    },
  };
});

const dictionary = parseDictionary(undefined);
const often = <Value>(usual: Value, rare: Value) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constant(rare) });
const party = (id: string) => held.map((of) => ({ id, traits: of }));
const about = fc
  .record({ subject: party("caller"), schema, granted: often(true, false) })
  .map(({ subject, schema: labelled, granted }) => ({
    subject,
    ...(granted && { grant: { id: "g-1" } }),
    ...describePayload(payload, { schema: labelled, dictionary }),
  }));

const rpc = fc.record({
  plugin: often("records", "other"),
  operation: fc.constantFrom("read", "write"),
  traits: held,
  requires_traits: often([], ["handles_pii"]),
});
const event = { event_type: fc.constantFrom("RecordChanged", "RecordChanged.v2", "UserCreated"), traits: labels };
const destination = {
  scheme: often("https", "http"),
  host: fc.constantFrom("api.example.com", "example.com"),
  port: fc.constant(443),
  method: often("POST", "SEND"),
  path: fc.constant("/v1"),
};
const routes = ["/admin/plugins", "/admin/policies", "/admin/policies/rollback", "/admin/users", "/auth/me"];

const asked = <E extends AnyEntrypoint>(
  entrypoint: E,
  input: fc.Arbitrary<PolicyInputs[E]>,
): fc.Arbitrary<AskedAbout> => input.map((value) => ({ entrypoint, input: value, payload }));

const withResource = <Resource>(resource: fc.Arbitrary<Resource>) =>
  fc.tuple(about, resource).map(([rest, of]) => ({ ...rest, resource: of }));

/** Questions of every kind, about a payload whose labels are as random as what the parties may see. */
export const questions: fc.Arbitrary<AskedAbout> = fc.oneof(
  asked("rpc/invoke", withResource(rpc)),
  asked("rpc/reply", withResource(rpc)),
  asked("events/publish", withResource(fc.record(event))),
  asked("events/deliver", withResource(fc.record({ ...event, subscriber: party("subscriber") }))),
  asked("egress/connect", withResource(fc.record({ ...destination, lane_enabled: often(true, false) }))),
  asked("egress/reply", withResource(fc.record({ ...destination, status: fc.constantFrom(200, 404) }))),
  asked(
    "admin/access",
    fc.record({
      subject: party("ada"),
      resource: fc.record({ method: fc.constantFrom("GET", "POST"), route: fc.constantFrom(...routes) }),
    }),
  ),
  asked(
    "audit/mask",
    about.map(({ fields, attributes }) => ({ lane: "rpc", entrypoint: "rpc/invoke", fields, attributes })),
  ),
);
