import { describe, expect, it } from "vitest";
import { maxTextCharacters, replyPayload } from "./reply-payload.ts";

const bodyOf = (type: string, bytes: Buffer | string, decoded = true) =>
  replyPayload(200, { "content-type": type }, { bytes: Buffer.from(bytes), decoded }).body;

describe("the payload of a reply", () => {
  it.each([
    "application/json",
    "application/problem+json",
    "APPLICATION/JSON; charset=UTF-8",
    "text/plain",
    "text/html",
  ])("is parsed where it is JSON, called %s", (type) => {
    expect(bodyOf(type, ' {"a":[1]}')).toEqual({ a: [1] });
  });

  it.each(['{"a":1,"a":2}', "{", '{"__proto__":1}', '{"a":1e400}', "[".repeat(100) + "]".repeat(100)])(
    "is withheld where it calls itself JSON and is %s",
    (text) => {
      expect(bodyOf("application/json", text)).toMatchObject({ withheld: "not_strict_json", bytes: text.length });
    },
  );

  it("is withheld where it cannot be read", () => {
    expect(bodyOf("application/octet-stream", "x")).toMatchObject({ withheld: "binary", bytes: 1 });
    expect(bodyOf("", "x")).toMatchObject({ withheld: "binary" });
    expect(bodyOf("text/plain", Buffer.from([0xff]))).toMatchObject({ withheld: "binary" });
    expect(bodyOf("text/plain; charset=utf-16", "x")).toMatchObject({ withheld: "binary" });
    expect(bodyOf("application/json", '{"a":1}', false)).toMatchObject({ withheld: "binary" });
  });

  it("is cut where it is text, and never inside a character", () => {
    expect(bodyOf("text/plain", "x".repeat(maxTextCharacters))).toHaveLength(maxTextCharacters);
    expect(bodyOf("text/plain", "x".repeat(maxTextCharacters + 1))).toHaveLength(maxTextCharacters);
    expect(bodyOf("text/plain", `${"x".repeat(maxTextCharacters - 1)}😀`)).toBe("x".repeat(maxTextCharacters - 1));
  });

  it("tells where a redirect leads, and of no other reply a location", () => {
    const headers = { location: "https://elsewhere.example/", etag: '"1"', "set-cookie": "a=b" };
    const told = (status: number) => replyPayload(status, headers, { bytes: Buffer.of(), decoded: true }).headers;
    for (const status of [301, 302, 307, 399]) {
      expect(told(status)).toEqual({ etag: '"1"', location: "https://elsewhere.example/" });
    }
    for (const status of [200, 201, 299, 400]) expect(told(status)).toEqual({ etag: '"1"' });
  });

  it("is null where there is none", () => {
    expect(bodyOf("text/plain", "")).toBeNull();
  });
});
