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
  ])("accepts nothing by a schema that %s", (_what, schema) => {
    expect(compileForeignSchema(schema)({ id: "7" })).toMatchObject([{ pointer: "" }]);
  });
});
