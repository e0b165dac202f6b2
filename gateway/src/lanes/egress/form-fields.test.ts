import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatFormFields, parseFormFields } from "./form-fields.ts";

describe("form fields", () => {
  it("are read as they are written", () => {
    expect(parseFormFields("a=1&b=x%20y&b=z+w&c&d=&%C3%BC=%C3%A4")).toEqual({
      a: "1",
      b: ["x y", "z w"],
      c: "",
      d: "",
      ü: "ä",
    });
  });

  it.each(["a=%ff", "%", "a=%zz", "__proto__=1", "constructor=1", "a=1&prototype=2"])("are refused in %s", (text) => {
    expect(() => parseFormFields(text)).toThrow("malformed");
  });

  it("are read again as they were, so that what was judged is what is sent", () => {
    const value = fc.oneof(fc.string({ unit: "grapheme" }), fc.array(fc.string(), { minLength: 2 }));
    const name = fc
      .string({ minLength: 1 })
      .filter((text) => !["__proto__", "constructor", "prototype"].includes(text));
    fc.assert(
      fc.property(fc.dictionary(name, value), (fields) => {
        const plain = { ...fields };
        expect(parseFormFields(formatFormFields(plain))).toEqual(plain);
      }),
    );
  });

  it("leave out what a form cannot say", () => {
    expect(formatFormFields({ a: null, b: { c: 1 }, d: [1, null, true] })).toBe("d=1&d=true");
  });
});
