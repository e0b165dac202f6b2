import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { outgoingHeaders } from "./outgoing-headers.ts";

describe("outgoing headers", () => {
  it("keep what a service may be told, in lower case", () => {
    expect(outgoingHeaders({ Accept: "text/html", "If-None-Match": '"e"', "X-Request-Id": " 7 " })).toEqual({
      accept: "text/html",
      "if-none-match": '"e"',
      "x-request-id": "7",
    });
  });

  it.each([
    "AUTHORIZATION",
    "Cookie",
    "Host",
    "Transfer-Encoding",
    "X-Amz-Security-Token",
    "X-Forwarded-Host",
    "X-Envoy-Original-Path",
    "X-Vivified-Token",
    "Proxy-Connection",
    "X-HTTP-Method-Override",
    "X-Original-URL",
    "TE",
    "Trailer",
    "Upgrade",
    "Expect",
    "Content-Length",
    "traceparent",
  ])("hold back %s", (name) => {
    expect(outgoingHeaders({ [name]: "x" })).toEqual({});
  });

  it("hold back what Connection nominates", () => {
    expect(outgoingHeaders({ Connection: "close, X-Hop", "x-hop": "1", "x-end": "2" })).toEqual({ "x-end": "2" });
  });

  it("are refused when they are no headers", () => {
    for (const headers of [
      { "a b": "1" },
      { "": "1" },
      { "a:": "1" },
      { a: "1\r\nb: 2" },
      { a: "\0" },
      { a: "€" },
      { a: "1", A: "2" },
    ]) {
      expect(() => outgoingHeaders(headers as Record<string, string>)).toThrow("malformed");
    }
  });

  it("never hold a character that could end a line", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (headers) => {
        try {
          expect(Object.entries(outgoingHeaders(headers)).flat().join("")).not.toMatch(/[\r\n\0]/);
        } catch (error) {
          expect(String(error)).toContain("malformed");
        }
      }),
    );
  });
});
