import { describe, expect, it } from "vitest";
import { count } from "./vitest.mjs";

const green = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, testResults: [] };

describe("counting Vitest's results", () => {
  it("takes Vitest's own sums", () => {
    const report = { ...green, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 };
    expect(count(report, 1)).toEqual({ passed: 3, failed: 2, skipped: 2 });
  });

  it("counts a file that does not load as a failure", () => {
    const broken = { status: "failed", assertionResults: [] };
    expect(count({ ...green, testResults: [broken, broken] }, 1)).toMatchObject({ passed: 3, failed: 2 });
  });

  it("counts a failed test once, not again for its file", () => {
    const file = { status: "failed", assertionResults: [{ status: "failed" }] };
    expect(count({ ...green, numFailedTests: 1, testResults: [file] }, 1)).toMatchObject({ failed: 1 });
  });

  it("counts a run that ends badly though every test passed as a failure", () => {
    expect(count(green, 1)).toMatchObject({ passed: 3, failed: 1 });
    expect(count(green, "SIGKILL")).toMatchObject({ passed: 3, failed: 1 });
  });

  it("counts a run that left no report as a failure", () => {
    expect(count(undefined, "SIGSEGV")).toEqual({ passed: 0, failed: 1 });
  });
});
