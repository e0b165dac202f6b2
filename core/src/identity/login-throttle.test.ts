import { describe, expect, it } from "vitest";
import { LoginThrottle } from "./login-throttle.ts";

function throttle(keys = 10) {
  let nowMs = 0;
  const clock = { now: () => new Date(nowMs), monotonicMs: () => nowMs };
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { one: new LoginThrottle({ failures: 2, windowMs: 60_000, keys }, clock), pass };
}

describe("LoginThrottle", () => {
  it("makes a key wait after its failures, until the window is over", () => {
    const { one, pass } = throttle();
    one.failed("a");
    expect(one.waitSeconds("a")).toBe(0);
    one.failed("a");
    expect(one.waitSeconds("a")).toBe(60);
    expect(one.waitSeconds("b")).toBe(0);
    pass(60_000);
    expect(one.waitSeconds("a")).toBe(0);
  });

  it("forgets failures after a success", () => {
    const { one } = throttle();
    one.failed("a");
    one.succeeded("a");
    one.failed("a");
    expect(one.waitSeconds("a")).toBe(0);
  });

  it("remembers the latest keys only", () => {
    const { one } = throttle(2);
    for (const key of ["a", "a", "b", "c"]) one.failed(key);
    expect(one.waitSeconds("a")).toBe(0);
  });
});
