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

function saidBy(cause: unknown): string {
  const stderr = cause instanceof Error && "stderr" in cause ? String(cause.stderr).trim() : "";
  return stderr || String(cause);
}
