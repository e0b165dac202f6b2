import type { JsonObject, NdBuiltinCache } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { opa } from "../../bundle/policies.fixtures.ts";
import { traceQuestion } from "./trace-question.ts";

/** What the interpreter says of one expression, with builtins saying what they said. */
async function asked(expression: string, nd_builtin_cache: NdBuiltinCache, input: JsonObject = {}): Promise<unknown> {
  const text = `package vivified.rpc.invoke\n\ndecision := ${expression}\n`;
  const bundle = { sources: new Map([["vivified/rpc/invoke/r.rego", text]]), data: { table: { a: 1 } } };
  return (await traceQuestion({ opa, bundle }, { entrypoint: "rpc/invoke", input, nd_builtin_cache }, "answer")).value;
}

describe("traceQuestion", () => {
  it("gives the rules the bundle's data and the question's input", async () => {
    expect(await asked("[data.table.a, input.x]", {}, { x: "y" })).toEqual([1, "y"]);
  });

  it("lets the clock say what it said", async () => {
    const nd = { "time.now_ns": { "[]": 1790000000000000000 } };
    expect(await asked("[time.now_ns(), time.date(time.now_ns())]", nd)).toEqual([1790000000000000000, [2026, 9, 21]]);
  });

  it("lets other builtins say what they said for their arguments, and nothing for others", async () => {
    const nd = { "rand.intn": { '["dice",6]': 4, '["coin",2]': 1 } };
    expect(await asked('[rand.intn("dice", 6), rand.intn("coin", 2)]', nd)).toEqual([4, 1]);
    expect(await asked('rand.intn("dice", 7)', nd)).toBeUndefined();
  });

  it("keeps no answer and no steps for a question that the rules do not answer", async () => {
    expect(await asked("input.absent", {})).toBeUndefined();
  });

  it.each([
    { 'time.now_ns as 1 with input as {"x": 2} #': { "[]": 1 } },
    { "rand.intn": { '["a",1]\nother := 1': 1 } },
    { "rand.intn": { '{"a": 1}': 1 } },
  ])("runs no Rego that a record holds: %j", async (nd) => {
    await expect(asked("input.x", nd, { x: 1 })).rejects.toMatchObject({ code: "invalid" });
  });

  it.each([
    'http.send({"method": "GET", "url": "http://127.0.0.1:1/"})',
    'net.lookup_ip_addr("localhost")',
    "opa.runtime().env",
  ])("gives the rules no way outside: %s", async (expression) => {
    await expect(asked(expression, {})).rejects.toMatchObject({ code: "invalid_config" });
  });
});
