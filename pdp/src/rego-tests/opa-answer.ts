import { execFile } from "node:child_process";
import type { OpaRun } from "../bundle/run-opa.ts";

/** What OPA printed, and how it ended: a number of its own for what it found. */
export type OpaAnswer = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** Runs OPA where another exit code than 0 is an answer, too. @throws Error when it cannot be run, or was killed */
export function opaAnswer({ opa, cwd, args }: OpaRun): Promise<OpaAnswer> {
  return new Promise((resolve, reject) => {
    execFile(opa, [...args], { cwd, maxBuffer: 256 * 1024 * 1024 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code === "number") resolve({ code, stdout, stderr });
      else reject(new Error(`${opa} cannot be run: ${error?.message}`, { cause: error }));
    });
  });
}
