import type { DecisionRecord } from "@vivified/contracts";
import { createLogger } from "@vivified/runtime";
import { describe, expect, it } from "vitest";
import { ReadLog } from "./read-log.ts";
import type { Reading } from "./read-record.ts";

const trace = { traceId: "0".repeat(32), spanId: "0".repeat(16), sampled: false };
const minute = 60_000;

function opened() {
  const appended: DecisionRecord[] = [];
  const decisions = { append: async (records: readonly DecisionRecord[]) => void appended.push(...records) };
  let ms = Date.parse("2026-11-26T12:00:00Z");
  const clock = { now: () => new Date(ms), monotonicMs: () => ms };
  const log = new ReadLog({ decisions, clock, logger: createLogger({ process: "test", level: "silent" }) });
  const pass = (passedMs: number) => {
    ms += passedMs;
  };
  const told = () =>
    appended.map(({ caller, result, labels }) => [caller, result.reasons[0]?.rule, labels.times, labels.decisions]);
  return { log, pass, told };
}

const reading = (caller = "ada", filter: object = { lane: "rpc" }): Reading => ({
  ...{ by: { caller, trace }, action: "search decisions", filter },
});

describe("the record of who reads", () => {
  it("tells the first time at once, and the others of ten minutes as one, with how much they were given", async () => {
    const { log, pass, told } = opened();
    for (const found of [3, 5, 7]) await log.note(reading(), found);
    expect(told()).toEqual([["ada", "audit.read", undefined, "3"]]);
    pass(10 * minute);
    await log.note(reading(), 1);
    const both = [
      ["ada", "audit.read", undefined, "3"],
      ["ada", "audit.read_again", "2", "12"],
      ["ada", "audit.read", undefined, "1"],
    ];
    expect(told()).toEqual(both);
    await log[Symbol.asyncDispose]();
    expect(told()).toEqual(both); // nothing again within the second ten minutes
  });

  it("tells what was read again when core stops", async () => {
    const { log, told } = opened();
    for (const found of [1, 2]) await log.note(reading(), found);
    await log[Symbol.asyncDispose]();
    expect(told()).toEqual([
      ["ada", "audit.read", undefined, "1"],
      ["ada", "audit.read_again", "1", "2"],
    ]);
  });

  it("keeps people, filters and kinds of reading apart", async () => {
    const { log, told } = opened();
    await log.note(reading(), 1);
    await log.note(reading("grace"), 1);
    await log.note(reading("ada", { lane: "egress" }), 1);
    await log.note({ ...reading(), action: "count decisions" }, 1);
    await log[Symbol.asyncDispose]();
    expect(told().map(([caller, rule]) => `${caller} ${rule}`)).toEqual([
      ...["ada audit.read", "grace audit.read", "ada audit.read", "ada audit.read"],
    ]);
  });
});
