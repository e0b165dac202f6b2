import type { CoreOptions } from "../../core/core-options.ts";
import { openCore } from "../../core/open-core.ts";
import type { AdminApi } from "../../platform/admin-api.ts";
import { AdminApiError } from "../../platform/admin-api-error.ts";
import { tellFailure } from "../../terminal/tell-failure.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";

/** What a command has to say: an object for `--json`, lines for people. */
export type Said = { readonly json: unknown; readonly text: string; readonly code: ExitCode };
export type LifecycleOptions = CoreOptions & { readonly json?: boolean };

/** Logs in, does it, prints what is to be said, and ends the process with its exit code. */
export async function runLifecycle(options: LifecycleOptions, work: (api: AdminApi) => Promise<Said>): Promise<void> {
  try {
    await using api = await openCore(options);
    const { json, text, code } = await work(api);
    console.log(options.json ? JSON.stringify(json, undefined, 2) : text);
    process.exitCode = code;
  } catch (error) {
    tell(error, options);
    process.exitCode = isRefusal(error) ? exitCodes.refused : exitCodes.unusable;
  }
}

function tell(error: unknown, { json }: LifecycleOptions): void {
  if (json && error instanceof AdminApiError) console.log(JSON.stringify({ problem: error.problem }, undefined, 2));
  tellFailure(error);
}

/** Core understood and says no; who cannot log in was not understood. */
function isRefusal(error: unknown): boolean {
  return error instanceof AdminApiError && error.status >= 400 && error.status < 500 && error.status !== 401;
}
