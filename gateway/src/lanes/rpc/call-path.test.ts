import type { JsonObject } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import type { Operation } from "../../snapshot/snapshot.ts";
import { callPath } from "./call-path.ts";

function operation(path: string, method: Operation["method"] = "POST"): Operation {
  return { name: "o", method, path, requiresTraits: [], idempotent: false, timeoutMs: 1 };
}

describe("callPath", () => {
  it.each<[string, JsonObject, string]>([
    ["/users", {}, "/users"],
    ["/users/{id}", { id: "a b" }, "/users/a%20b"],
    ["/users/{id}", { id: "../admin" }, "/users/..%2Fadmin"],
    ["/users/{id}", { id: "x?y#z" }, "/users/x%3Fy%23z"],
    ["/users/{id}/v/{n}", { id: 7, n: true }, "/users/7/v/true"],
  ])("fills %s from %j", (path, payload, filled) => {
    expect(callPath(operation(path), payload)).toBe(filled);
  });

  it("puts the rest of the payload into the query of an operation without a body", () => {
    expect(callPath(operation("/users/{id}", "GET"), { id: "1", q: "a&b", n: 2 })).toBe("/users/1?q=a%26b&n=2");
  });

  it.each<[string, JsonObject]>([
    ["absent", {}],
    ["empty", { id: "" }],
    ["a dot", { id: "." }],
    ["two dots", { id: ".." }],
    ["null", { id: null }],
    ["an object", { id: {} }],
  ])("refuses a parameter that is %s", (_, payload) => {
    expect(() => callPath(operation("/users/{id}"), payload)).toThrow(expect.objectContaining({ code: "invalid" }));
  });

  it("does not find a parameter on the prototype", () => {
    expect(() => callPath(operation("/x/{toString}"), {})).toThrow(expect.objectContaining({ code: "invalid" }));
  });
});
