import { expect, it } from "vitest";
import { schemaChecks } from "./schema-checks.ts";

it("checks a payload against the declared schema, and has nothing to say without one", () => {
  const check = schemaChecks();
  expect(check({}, { type: "object", required: ["id"] })).toMatchObject([{ pointer: "/id" }]);
  expect(check({}, undefined)).toEqual([]);
});
