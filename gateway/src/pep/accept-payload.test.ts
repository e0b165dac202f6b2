import { expect, it } from "vitest";
import { acceptPayload } from "./accept-payload.ts";

it("accepts a JSON object whose keys can all be named in a path", () => {
  const payload = { a: [{ "a*": "*" }, "*"], "**": null };
  expect(acceptPayload(payload)).toBe(payload);
});

it.each([
  [undefined],
  [null],
  ["text"],
  [7],
  [[]],
  [[{}]],
  [{ "*": 1 }],
  [{ a: { "*": 1 } }],
  [{ a: [1, [{ b: { "*": null } }]] }],
])("accepts no %j", (value) => {
  expect(acceptPayload(value)).toBeUndefined();
});
