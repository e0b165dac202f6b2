import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { VivifiedError } from "@vivified/runtime";

const run = promisify(execFile);

export type OpaRun = { readonly opa: string; readonly cwd: string; readonly args: readonly string[] };

/**
 * Runs OPA and gives what it printed.
 *
 * @throws VivifiedError `invalid_config` with what OPA said, when it ends with another code than 0.
 */
export async function runOpa({ opa, cwd, args }: OpaRun): Promise<string> {
  try {
    const { stdout } = await run(opa, [...args], { cwd, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  } catch (cause) {
    throw new VivifiedError("invalid_config", { detail: `opa ${args[0]} failed: ${saidBy(cause)}`, cause });
  }
}

/** Some of its commands complain on one stream and some on the other. */
function saidBy(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const said = [cause].flatMap((error) => [
    "stderr" in error ? error.stderr : "",
    "stdout" in error ? error.stdout : "",
  ]);
  return said.map((text) => String(text).trim()).find((text) => text !== "") ?? cause.message;
}
