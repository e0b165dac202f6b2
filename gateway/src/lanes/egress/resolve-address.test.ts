import type { EgressGrant } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { resolveAddress } from "./resolve-address.ts";

const grant: EgressGrant = {
  id: "g-1",
  plugin: "caller",
  kind: "egress",
  host: "api.example",
  ports: [443],
  schemes: ["https"],
  methods: ["GET"],
  insecure_address_ranges: ["127.0.0.2/32", "10.0.0.0/24"],
};
const leadsTo =
  (...addresses: string[]) =>
  async () =>
    addresses;
const dev = { insecureAddressRanges: true };

describe("resolveAddress", () => {
  it("opens a granted range that is not public in dev mode only", async () => {
    const resolveHost = leadsTo("127.0.0.2");
    expect(await resolveAddress("api.example", grant, { ...dev, resolveHost })).toEqual({ address: "127.0.0.2" });
    const production = { insecureAddressRanges: false, resolveHost };
    expect(await resolveAddress("api.example", grant, production)).toEqual({ rule: "egress.unsafe_address" });
    expect(await resolveAddress("127.0.0.2", grant, production)).toEqual({ rule: "egress.unsafe_address" });
  });

  it.each([
    ["beside the granted range", ["127.0.0.3"]],
    ["in a granted range and one beside it", ["10.0.0.7", "10.0.1.7"]],
    ["public and one beside the granted range", ["1.1.1.1", "192.168.0.1"]],
    ["in a granted range, but inside IPv6 that is not public", ["64:ff9b::a00:7"]],
  ])("refuses a name with an address %s", async (_, addresses) => {
    const answer = await resolveAddress("api.example", grant, { ...dev, resolveHost: leadsTo(...addresses) });
    expect(answer).toEqual({ rule: "egress.unsafe_address" });
  });

  it("opens nothing without a grant", async () => {
    const resolveHost = leadsTo("127.0.0.2");
    const answer = await resolveAddress("api.example", undefined, { ...dev, resolveHost });
    expect(answer).toEqual({ rule: "egress.unsafe_address" });
  });
});
