import { beforeAll, describe, expect, it } from "vitest";
import { runCrash } from "./src/run-crash.ts";
import type { CrashSummary } from "./src/summarize.ts";

const options = { seed: 19, kills: 10, gateways: 2 };

/** The short run of `npm run test:crash`: the same harness, ten kills. */
describe("a platform that is killed under load", () => {
  let summary: CrashSummary;

  beforeAll(async () => {
    summary = await runCrash({ ...options, say: (line) => process.stdout.write(`  ${line}\n`) });
  }, 600_000);

  it("does nothing without a record, loses none, doubles none, and comes back", () => {
    expect(summary.violations).toEqual([]);
  });

  it("was loaded on every lane meanwhile", () => {
    expect(Object.keys(summary.effects).sort()).toEqual(["delivery", "http", "mail", "rpc"]);
    expect(summary.answered_with_yes).toBeGreaterThan(50);
  });
});
