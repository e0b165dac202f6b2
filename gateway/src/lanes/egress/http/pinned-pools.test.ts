import { afterAll, describe, expect, it } from "vitest";
import { PinnedPools, type Upstream } from "./pinned-pools.ts";

const pools = new PinnedPools();
afterAll(() => pools[Symbol.asyncDispose]());

const upstream = (changes: Partial<Upstream> = {}): Upstream => {
  return { plugin: "caller", scheme: "https", host: "api.example", port: 443, address: "192.0.2.1", ...changes };
};

describe("pinned pools", () => {
  it("use a connection again for the same upstream of the same plugin", () => {
    expect(pools.pool(upstream())).toBe(pools.pool(upstream()));
  });

  it.each([
    ["plugin", { plugin: "other" }],
    ["scheme", { scheme: "http" }],
    ["host", { host: "other.example" }],
    ["port", { port: 8443 }],
    ["address", { address: "192.0.2.2" }],
  ])("share no connection with another %s", (_, changes) => {
    expect(pools.pool(upstream(changes))).not.toBe(pools.pool(upstream()));
  });
});
