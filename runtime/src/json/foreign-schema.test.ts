import { describe, expect, it } from "vitest";
import { compileForeignSchema } from "./foreign-schema.ts";

const closed = {
  type: "object",
  required: ["id"],
  properties: { id: { type: "string" } },
  additionalProperties: false,
};

describe("compileForeignSchema", () => {
  it("tells every fault with its place, and never the value", () => {
    const faults = compileForeignSchema(closed)({ "a/b": "secret" });
    expect(faults.map(({ pointer }) => pointer).sort()).toEqual(["/a~1b", "/id"]);
    expect(JSON.stringify(faults)).not.toContain("secret");
  });

  it("accepts what fits and changes nothing of it", () => {
    const value = { id: "7" };
    expect(compileForeignSchema(closed)(value)).toEqual([]);
    expect(compileForeignSchema(closed)({ id: 7 })).toMatchObject([{ pointer: "/id" }]);
  });

  it.each([
    ["is asynchronous", { $async: true, ...closed }],
    ["refers to nothing", { $ref: "#/$defs/nothing" }],
    ["is of another draft", { $schema: "http://json-schema.org/draft-07/schema#", ...closed }],
    ["is none", { type: "nonsense" }],
    ["never ends", { allOf: [{ $ref: "#" }] }],
  ])("accepts nothing by a schema that %s", (_what, schema) => {
    expect(compileForeignSchema(schema)({ id: "7" })).toMatchObject([{ pointer: "" }]);
  });

  it("looks for one fault only where all of them could fill the memory", () => {
    const check = compileForeignSchema({ items: { allOf: Array(100).fill({ type: "string" }) } });
    expect(check([1, 2])).toHaveLength(100);
    expect(check(Array(300_000).fill(1))).toHaveLength(1);
  });
});
