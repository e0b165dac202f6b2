import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VivifiedError } from "../errors/vivified-error.ts";
import { parseStrictJson } from "./parse-strict-json.ts";

const codeOf = (text: string, limits?: { maxBytes: number; maxDepth: number }) => {
  try {
    parseStrictJson(text, limits);
    return "accepted";
  } catch (error) {
    return error instanceof VivifiedError ? error.code : error;
  }
};

function thrownBy(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}

describe("parseStrictJson", () => {
  it.each([
    ['{"a":1,"a":2}', "duplicate_key"],
    ['{"a":1,"\\u0061":2}', "duplicate_key"],
    ['{"x":{"a":1},"y":{"a":1,"b":[{"c":1,"c":1}]}}', "duplicate_key"],
    ['{"__proto__":{}}', "malformed"],
    ['{"a":{"constructor":1}}', "malformed"],
    ['[{"prototype":1}]', "malformed"],
    ['{"\\u005f_proto__":{}}', "malformed"],
    ['["\\ud800"]', "malformed"],
    ['{"a\\udc00":1}', "malformed"],
    ["[1e400]", "number_out_of_range"],
    ["[-1e400]", "number_out_of_range"],
    ["[1e-400]", "number_out_of_range"],
    ["[9007199254740993]", "number_out_of_range"],
    ["[9007199254740992]", "number_out_of_range"],
    ["[".repeat(65) + "]".repeat(65), "too_deep"],
    ["{a:1}", "malformed"],
    ["", "malformed"],
    ['{"a":1} {"b":2}', "malformed"],
    ["[NaN]", "malformed"],
  ])("refuses %s as %s", (text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it.each([
    '{"a":"a","b":["a","a",{"a":"\\"a\\":1"}]}',
    "[9007199254740991,-9007199254740991,0.1,1e10,0,-0,0.0,0e5]",
    '{"a":"\\ud83d\\ude00","\\\\":1,"\\"":2}',
    '  {"a" : {"a" : 1}}  ',
    '"text"',
    "null",
  ])("accepts %s", (text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text));
  });

  it.each(["Ada Lovelace", '{"diagnosis": Ada Lovelace}', '{"a":"Ada Lovelace","a":1}', '["Ada Lovelace\\ud800"]'])(
    "quotes nothing of %s, since causes are logged",
    (text) => {
      const refusal = thrownBy(() => parseStrictJson(text));
      expect(inspect(refusal, { depth: 9, showHidden: true })).not.toMatch(/Ada|Lovelace|diagnosis/);
    },
  );

  it("counts bytes, not characters", () => {
    expect(codeOf('"ääää"', { maxBytes: 9, maxDepth: 4 })).toBe("too_large");
    expect(codeOf('"ääää"', { maxBytes: 10, maxDepth: 4 })).toBe("accepted");
  });

  it("reads every JSON value that another writer made as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value);
        const code = codeOf(text);
        if (code === "accepted") expect(parseStrictJson(text)).toEqual(JSON.parse(text));
        else expect(["malformed", "number_out_of_range"]).toContain(code);
      }),
    );
  });
});
