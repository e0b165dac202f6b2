import fc from "fast-check";

/** A customer's folder: path below it → text. */
export type Customer = { readonly [path: string]: string };

/** The questions that customers' rules concern, and the keys under which they can stand. */
const questions = {
  "rpc/invoke": ["*", "records.read", "records.write", "none.read"],
  "rpc/reply": ["*", "records.read", "other.read"],
  "events/publish": ["*", "RecordChanged", "Other"],
  "events/deliver": ["*", "RecordChanged", "Other"],
  "egress/connect": ["*", "api.example.com", "example.com"],
  "egress/reply": ["*", "api.example.com", "example.com"],
  "admin/access": ["*", "/admin/plugins", "/admin/policies/rollback"],
  "audit/mask": ["*", "rpc", "events"],
} as const;

const actions = ["keep", "remove", "redact", "mask", "hash", "tokenize", "generalize"];
const pointers = [
  "",
  "/born",
  "/profile",
  "/profile/ssn",
  "/profile/a~1b~0c",
  "/profile/deep/note",
  "/dates",
  "/dates/*",
];
const morePointers = [
  "/dates/0",
  "/people",
  "/people/*",
  "/people/*/name",
  "/people/1/name",
  "/people/*/more/*",
  "/none",
];
const ids = ["custom.one", "custom.two"];

const asJson = (value: unknown) => JSON.stringify(value);
const right = {
  obligation: fc
    .record({
      rule: fc.constantFrom(...ids),
      path: fc.constantFrom(...pointers, ...morePointers),
      action: fc.constantFrom(...actions),
    })
    .map(asJson),
  reason: fc.record({ rule: fc.constantFrom(...ids), message: fc.constant("no"), fix: fc.constant("ask") }).map(asJson),
};

/** Parts that are missing, too many, unknown or no texts, and things that are none of it. */
const wrong = fc.oneof(
  fc
    .record(
      {
        rule: fc.constantFrom("custom.one", "rpc.not_granted", "", 7),
        path: fc.constantFrom("/born", "/profile/a~b", "*", "born", "/", 7),
        action: fc.constantFrom("keep", "reveal", "KEEP", "", null),
        message: fc.constantFrom("no", "", 7),
        fix: fc.constantFrom("ask", "", 7),
        effect: fc.constant("allow"),
      },
      { requiredKeys: [] },
    )
    .map(asJson),
  fc.json({ maxDepth: 1 }),
  fc.constantFrom("set()", "{set()}", "input.grant", "input.fields", "data.modes", "helper", "1 % 0", "{1, 2}[_]"),
);

const rare = ['"handles_financial" in input.subject.traits', "count(input.fields) < 3", "data.custom.facts.on"];
const conditions = [
  "true",
  "input.grant",
  "not input.grant",
  'input.subject.id == "caller"',
  '"handles_pii" in input.subject.traits',
  'some field in input.fields; "pii" in field.traits',
  'some field in input.fields; startswith(field.path, "/p")',
  "count(input.fields) > 3",
  "helper > 1",
  "data.custom.facts.on",
  'count(data.clearances) > 0 with data.clearances as {"pii": {}}',
];

type Question = keyof typeof questions;
const namesOf = (question: Question) => {
  if (question === "admin/access") return ["deny"] as const;
  return question === "audit/mask" ? (["obligations"] as const) : (["deny", "obligations", "obligations"] as const);
};

/** Tidy customers say what is readable, and deny little, so that their obligations are seen at work. */
const ruleOf = (question: Question, isTidy: boolean) =>
  fc.constantFrom(...namesOf(question)).chain((name) =>
    fc.record({
      name: fc.constant(name),
      key: fc.constantFrom(...questions[question]),
      value: isTidy
        ? right[name === "deny" ? "reason" : "obligation"]
        : fc.oneof(right.obligation, right.reason, wrong),
      when:
        isTidy && name === "deny"
          ? fc.constantFrom(...rare)
          : fc.oneof(fc.constant("true"), fc.constantFrom(...conditions)),
    }),
  );

type Rule = { readonly name: string; readonly key: string; readonly value: string; readonly when: string };

/** `helper` conflicts with itself when a question has a grant and many fields: an error in the middle of a decision. */
const helpers = "helper := 1 if input.grant\n\nhelper := 2 if count(input.fields) > 8";

function moduleText(question: Question, rules: readonly Rule[]): string {
  const texts = rules.map(
    ({ name, key, value, when }) =>
      `${name}[${JSON.stringify(key)}] contains ${value} if {\n\t${when.replace("; ", "\n\t")}\n}`,
  );
  return [`package custom.${question.replace("/", ".")}`, helpersOf(question), ...texts, ""].join("\n\n");
}

const helpersOf = (question: Question) =>
  question === "admin/access" ? "helper := 1" : question === "audit/mask" ? "helper := 3" : helpers;

/** What stands in `custom/<lane>/<direction>/data.json` where no rules do: data instead of rules. */
const data = fc.constantFrom(
  { deny: { "*": [] } },
  { deny: { "*": "no" }, obligations: { "*": { path: "/born", action: "keep" } } },
  { grounds: [{ rule: "custom.one", message: "yes", fix: "" }], decision: { effect: "allow" } },
  { deny: 7, obligations: null },
);

const modes = fc.dictionary(fc.constantFrom("custom.one", "custom.two"), fc.constantFrom("off", "report", "enforce"));

const file = (question: Question, isTidy: boolean) => {
  const rules = fc.array(ruleOf(question, isTidy), { minLength: 1, maxLength: isTidy ? 8 : 3 });
  const written = rules.map((some) => [`custom/${question}/rules.rego`, moduleText(question, some)] as const);
  const given = data.map((value) => [`custom/${question}/data.json`, JSON.stringify(value)] as const);
  return isTidy ? written : fc.oneof({ weight: 4, arbitrary: written }, { weight: 1, arbitrary: given });
};

/** Random customers: rules on every question, right or also wrong, their data and the modes of their own rules. */
export const customers = (isTidy: boolean): fc.Arbitrary<Customer> => {
  const files = fc.tuple(...(Object.keys(questions) as Question[]).map((question) => file(question, isTidy)));
  return fc.record({ files, modes, on: fc.boolean() }).map((one) => ({
    ...Object.fromEntries(one.files),
    "custom/facts/data.json": JSON.stringify({ on: one.on }),
    "modes.json": JSON.stringify(one.modes),
  }));
};
