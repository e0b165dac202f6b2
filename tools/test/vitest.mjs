import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkout } from "../pinned.mjs";
import { run } from "./command.mjs";

const vitest = join(checkout, "node_modules/vitest/vitest.mjs");

/** Runs Vitest on our terminal and counts from the report that it writes beside. */
export async function runVitest({ rest, spawned }) {
  const folder = await mkdtemp(join(tmpdir(), "vivified-vitest-"));
  const report = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  try {
    const end = await run(process.execPath, [vitest, "run", "--root", checkout, ...reporters, ...rest], { spawned });
    return count(await readReport(report), end);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * A file that does not load counts as one failure, as does a run that ends badly though no test failed (an error outside
 * any test, a killed worker, nothing found).
 */
export function count(report, end) {
  if (report === undefined) return { passed: 0, failed: 1 };
  const broken = report.testResults.filter((file) => file.status === "failed" && !file.assertionResults.some(isFailed));
  const failed = report.numFailedTests + broken.length;
  const skipped = report.numPendingTests + report.numTodoTests;
  return { passed: report.numPassedTests, failed: failed === 0 && end !== 0 ? 1 : failed, skipped };
}

function isFailed({ status }) {
  return status === "failed";
}

async function readReport(path) {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return undefined; // Vitest died before it could write one
  }
}
