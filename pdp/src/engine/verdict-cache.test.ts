import type { Verdict } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { VerdictCache } from "./verdict-cache.ts";

const verdict = (): Verdict => ({
  effect: "sanitize",
  reasons: [{ rule: "x", message: "x", fix: "" }],
  obligations: [{ path: "/a", action: "redact" }],
  would_deny: [{ rule: "y", message: "y", fix: "" }],
});

describe("VerdictCache", () => {
  it("gives back what was answered to the same text, and nothing for another", () => {
    const cache = new VerdictCache(2);
    cache.set("a", verdict());
    expect(cache.get("a")).toEqual(verdict());
    expect(cache.get("a ")).toBeUndefined();
  });

  it("forgets the oldest beyond its bound", () => {
    const cache = new VerdictCache(2);
    for (const question of ["a", "b", "c"]) cache.set(question, verdict());
    expect(["a", "b", "c"].map((question) => cache.get(question) !== undefined)).toEqual([false, true, true]);
  });

  it("keeps nothing for a long question, and nothing at all when it may hold nothing", () => {
    const cache = new VerdictCache(2);
    cache.set("x".repeat(8193), verdict());
    expect(cache.get("x".repeat(8193))).toBeUndefined();
    const none = new VerdictCache(0);
    none.set("a", verdict());
    expect(none.get("a")).toBeUndefined();
  });

  it("keeps no long answer, so that no rule can fill the memory with what it says", () => {
    const cache = new VerdictCache(2);
    const message = "x".repeat(8192);
    cache.set("a", { ...verdict(), reasons: [{ rule: "x", message, fix: "" }] });
    cache.set("b", { ...verdict(), would_deny: [{ rule: "x", message, fix: "" }] });
    expect([cache.get("a"), cache.get("b")]).toEqual([undefined, undefined]);
  });

  it("shares answers that nobody can change", () => {
    const cache = new VerdictCache(1);
    cache.set("a", verdict());
    const { reasons = [], obligations = [], would_deny = [] } = cache.get("a") ?? {};
    expect(() => Object.assign(would_deny[0] ?? {}, { rule: "z" })).toThrow(TypeError);
    expect(() => Object.assign(obligations[0] ?? {}, { action: "keep" })).toThrow(TypeError);
    expect(() => Object.assign(reasons, { 1: verdict().reasons[0] })).toThrow(TypeError);
  });
});
