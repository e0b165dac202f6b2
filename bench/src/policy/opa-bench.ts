import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { median } from "../open-loop.ts";
import { opa, policies, question } from "./question.ts";

const run = promisify(execFile);

/** `opa bench` of the same question: the median time of one evaluation in µs, the median of several runs. */
export async function interpreterBench(count: number): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "vivified-bench-"));
  try {
    const input = join(directory, "input.json");
    await writeFile(input, JSON.stringify(question));
    const loaded = ["--data", "vivified", "--data", "data", "--ignore", "*_test.rego", "--input", input];
    const shape = ["--format", "json", "--benchmem=false", "--count", String(count)];
    const query = "data.vivified.rpc.invoke.decision";
    const { stdout } = await run(opa, ["bench", ...loaded, ...shape, query], { cwd: policies });
    return median(mediansIn(stdout).map((nanoseconds) => nanoseconds / 1000));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** It prints one JSON document after another. */
function mediansIn(printed: string): number[] {
  return [...printed.matchAll(/"histogram_timer_rego_query_eval_ns_median": ([\d.]+)/g)].map(([, text]) =>
    Number(text),
  );
}
