import type { JsonObject, JsonValue } from "@vivified/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describePayload } from "./describe-payload.ts";
import { parseDictionary } from "./dictionary.ts";

const dictionary = parseDictionary({
  entries: [
    { title: "mail", traits: ["pii"], names: ["email"], exact: [] },
    { title: "care", traits: ["phi"], names: ["treatment"], exact: [] },
    { title: "insurance", traits: ["phi"], names: ["insurance number"], exact: [] },
  ],
  prefixes: [],
  suffixes: [],
  neutral: [],
});
const fieldsOf = (payload: JsonValue, schema?: JsonObject) => describePayload(payload, { schema, dictionary }).fields;
const attributesOf = (payload: JsonValue, schema: JsonObject) =>
  describePayload(payload, { schema, dictionary }).attributes;

describe("describePayload", () => {
  it("names every field by path, type and traits, sorted, and no value", () => {
    expect(fieldsOf({ topic: "x", email: "y", n: 1, on: true, gone: null })).toEqual([
      { path: "/email", type: "string", traits: ["pii"] },
      { path: "/gone", type: "null", traits: [] },
      { path: "/n", type: "number", traits: [] },
      { path: "/on", type: "boolean", traits: [] },
      { path: "/topic", type: "string", traits: [] },
    ]);
  });

  it("folds array indices, and one item with a trait labels them all", () => {
    expect(fieldsOf({ to: ["nobody", "ada@example.org"] })).toEqual([
      { path: "/to", type: "array", traits: [] },
      { path: "/to/*", type: "string", traits: ["pii"] },
    ]);
  });

  it("names a path once for each type found there", () => {
    expect(fieldsOf([1, "a", [2]]).map(({ path, type }) => `${path} ${type}`)).toEqual([
      "/* array",
      "/* number",
      "/* string",
      "/*/* number",
    ]);
  });

  it("lets what lies inside a field carry its traits", () => {
    expect(fieldsOf({ treatment: { steps: [{ note: "x" }] } }).every(({ traits }) => traits.includes("phi"))).toBe(
      true,
    );
  });

  it("lets the names that a field lies in say what it means, through arrays too", () => {
    const inside = { plan: { insurance: [{ number: 1, rank: 2 }] }, number: 3, insurance: 4 };
    const health = fieldsOf(inside).filter(({ traits }) => traits.includes("phi"));
    expect(health.map(({ path }) => path)).toEqual(["/plan/insurance/*/number"]);
  });

  it("escapes keys as JSON Pointer does", () => {
    expect(fieldsOf({ "a/b~c": 1, "": 2 }).map(({ path }) => path)).toEqual(["/", "/a~1b~0c"]);
  });

  it("describes a document that is no container under the empty path", () => {
    expect(fieldsOf("ada@example.org")).toEqual([{ path: "", type: "string", traits: ["pii"] }]);
    expect(fieldsOf({})).toEqual([]);
    expect(fieldsOf([])).toEqual([]);
  });

  it.each([
    ["*", { "*": 1 }],
    ["* deep inside", { a: [{ "*": 1 }] }],
    ["an e-mail address", { "ada@example.org": true }],
    ["a social security number", { people: { "123-45-6789": {} } }],
    ["a very long text", { ["k".repeat(513)]: 1 }],
  ])("refuses a key that is %s", (_, payload) => {
    expect(() => fieldsOf(payload)).toThrow("malformed");
  });

  it("refuses what is nested deeper than 64 levels", () => {
    const nested = (levels: number): JsonValue => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(fieldsOf(nested(64))).toHaveLength(64);
    expect(() => fieldsOf(nested(65))).toThrow("too_deep");
  });

  it("sees a card number that is written as a number", () => {
    expect(fieldsOf({ n: 4111111111111111 })[0]?.traits).toEqual(["financial", "pii"]);
  });

  it("gives the same description whatever the order of keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.jsonValue({ maxDepth: 0 })), (payload) => {
        const turned = Object.fromEntries(Object.entries(payload).reverse());
        expect(fieldsOf(turned as JsonObject)).toEqual(fieldsOf(payload as JsonObject));
      }),
    );
  });
});

describe("labels of a schema", () => {
  const phi = { "x-vivified-traits": ["phi"] };

  it.each<[string, JsonObject]>([
    ["properties", { properties: { note: phi } }],
    ["additionalProperties", { additionalProperties: phi }],
    ["patternProperties", { patternProperties: { "^no": phi } }],
    ["a local reference", { properties: { note: { $ref: "#/$defs/note" } }, $defs: { note: phi } }],
    [
      "a reference to the root's part with escapes",
      { properties: { note: { $ref: "#/$defs/a~1b" } }, $defs: { "a/b": phi } },
    ],
    ["allOf", { allOf: [{ properties: { note: phi } }] }],
    ["either branch of anyOf", { anyOf: [{ properties: { note: {} } }, { properties: { note: phi } }] }],
    ["oneOf inside the property", { properties: { note: { oneOf: [{}, phi] } } }],
    ["then and else", { if: {}, else: { properties: { note: phi } } }],
    ["the whole document", phi],
  ])("come from %s", (_, schema) => {
    expect(fieldsOf({ note: "x" }, schema)).toEqual([{ path: "/note", type: "string", traits: ["phi"] }]);
  });

  it.each<[string, JsonObject]>([
    ["items", { items: phi }],
    ["prefixItems", { prefixItems: [{}, phi] }],
  ])("come from %s", (_, list) => {
    expect(fieldsOf({ notes: ["x"] }, { properties: { notes: list } })[1]?.traits).toEqual(["phi"]);
  });

  it("add to what the name says and cannot take it away", () => {
    const schema = { properties: { email: { "x-vivified-traits": ["phi"] } } };
    expect(fieldsOf({ email: "x" }, schema)[0]?.traits).toEqual(["phi", "pii"]);
    expect(fieldsOf({ email: "x" }, { properties: { email: { "x-vivified-traits": [] } } })[0]?.traits).toEqual([
      "pii",
    ]);
  });

  it("survive schemas that refer to themselves, to nothing and elsewhere", () => {
    const schema: JsonObject = {
      $ref: "#",
      properties: { child: { $ref: "#" }, note: phi, lost: { $ref: "#/none" }, far: { $ref: "https://x.example/y" } },
    };
    expect(fieldsOf({ child: { child: { note: "x" } }, lost: 1, far: 1 }, schema).map(({ traits }) => traits)).toEqual([
      [],
      [],
      ["phi"],
      [],
      [],
    ]);
  });
});

describe("exposed attributes", () => {
  const exposes = (name: string, more: JsonObject = {}): JsonObject => ({ "x-vivified-attribute": name, ...more });

  it("are the values that the schema exposes on purpose", () => {
    const schema = { properties: { amount: exposes("amount"), kind: exposes("kind"), other: {} } };
    expect(attributesOf({ amount: 3, kind: "gift", other: "x" }, schema)).toEqual({ amount: 3, kind: "gift" });
  });

  it.each<[string, JsonValue, JsonObject]>([
    ["carry a trait", { v: "x" }, { properties: { v: exposes("v", { "x-vivified-traits": ["phi"] }) } }],
    ["look like personal data", { v: "ada@example.org" }, { properties: { v: exposes("v") } }],
    ["are long", { v: "x".repeat(257) }, { properties: { v: exposes("v") } }],
    ["are null", { v: null }, { properties: { v: exposes("v") } }],
    ["are containers", { v: {} }, { properties: { v: exposes("v") } }],
    ["lie in arrays", { v: ["x"] }, { properties: { v: { items: exposes("v") } } }],
  ])("are never values that %s", (_, payload, schema) => {
    expect(attributesOf(payload, schema)).toEqual({});
  });

  it("refuse two values for one name", () => {
    const schema = { properties: { a: exposes("v"), b: exposes("v") } };
    expect(() => attributesOf({ a: 1, b: 2 }, schema)).toThrow("malformed");
  });
});
