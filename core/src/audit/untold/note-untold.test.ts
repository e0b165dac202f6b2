import type { DecisionRecord } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { noteUntold, untoldBatch } from "./note-untold.ts";
import type { LoggedDecision, UntoldStore } from "./untold-store.ts";

const logged = (index: number, acts = true): LoggedDecision => ({
  logIndex: String(index),
  decisionId: `d-${index}`,
  traceId: "0af7651916cd43dd8448eb211c80319c",
  entrypoint: "rpc/invoke",
  writer: "gateway-1-0",
  acts,
});

function storeOf(log: readonly LoggedDecision[], told: readonly string[] = []) {
  const appended: DecisionRecord[] = [];
  let through = "-1";
  const store: UntoldStore = {
    lock: async () => through,
    decisionsAfter: async (after, { limit }) =>
      log.filter(({ logIndex }) => Number(logIndex) > Number(after)).slice(0, limit),
    toldOf: async () => new Set(told),
    append: async (records) => void appended.push(...records),
    moveTo: async (logIndex) => {
      through = logIndex;
    },
  };
  return { store, appended, through: () => through };
}

describe("noteUntold", () => {
  it("records permits of which nothing was told, and goes on behind them", async () => {
    const { store, appended, through } = storeOf([logged(3), logged(4, false), logged(7), logged(9)], ["d-7"]);
    expect(await noteUntold(new Date(), store)).toBe(4);
    expect(appended.map(({ parent_id }) => parent_id)).toEqual(["d-3", "d-9"]);
    expect(through()).toBe("9");
    expect(await noteUntold(new Date(), store)).toBe(0);
    expect(appended).toHaveLength(2);
  });

  it("takes a long log in parts", async () => {
    const { store, appended } = storeOf(Array.from({ length: untoldBatch + 1 }, (_, index) => logged(index)));
    expect(await noteUntold(new Date(), store)).toBe(untoldBatch);
    expect(await noteUntold(new Date(), store)).toBe(1);
    expect(appended).toHaveLength(untoldBatch + 1);
  });

  it("leaves everything as it is when nothing is old enough", async () => {
    const { store, appended, through } = storeOf([]);
    expect(await noteUntold(new Date(), store)).toBe(0);
    expect([appended, through()]).toEqual([[], "-1"]);
  });
});
