import { describe, expect, it } from "vitest";
import { HeldPdp } from "./held-pdp.ts";
import type { Pdp } from "./open-pdp.ts";

/** A PDP whose answers come when the test says so. */
function slowPdp() {
  const answers: (() => void)[] = [];
  let disposed = 0;
  const pdp: Pdp = {
    decide: async (entrypoint) => {
      await new Promise<void>((resolve) => answers.push(resolve));
      return { id: "d", entrypoint, revision: "r1", effect: "deny", reasons: [], obligations: [] };
    },
    revision: "r1",
    data: {},
    dictionary: { traitsOf: () => [] },
    stats: () => new Map(),
    [Symbol.asyncDispose]: async () => {
      disposed += 1;
    },
  };
  return { pdp, answers, disposed: () => disposed };
}

const input = { subject: { id: "a", traits: [] }, resource: { method: "GET", route: "/" } };

describe("a PDP in use", () => {
  it("answers what was asked before it was retired, and goes with the last answer", async () => {
    const { pdp, answers, disposed } = slowPdp();
    const held = new HeldPdp(pdp, 1);
    const asked = [held.decide("admin/access", input), held.decide("admin/access", input)];
    await held.retire();
    expect(disposed()).toBe(0);
    answers[0]?.();
    expect((await asked[0])?.revision).toBe("r1");
    expect(disposed()).toBe(0);
    answers[1]?.();
    await asked[1];
    expect(disposed()).toBe(1);
  });

  it("goes at once when nothing is under way", async () => {
    const { pdp, disposed } = slowPdp();
    await new HeldPdp(pdp, 1).retire();
    expect(disposed()).toBe(1);
  });

  it("stays while it is in force, however many answers it gave", async () => {
    const { pdp, answers, disposed } = slowPdp();
    const held = new HeldPdp(pdp, 1);
    const asked = held.decide("admin/access", input);
    answers[0]?.();
    await asked;
    expect(disposed()).toBe(0);
  });
});
