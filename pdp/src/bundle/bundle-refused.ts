import type { BundleFault } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";

/** Room for a sentence; what is quoted in it comes from an archive that nobody may have signed. */
const maxDetailLength = 500;

/**
 * The error of a bundle that is not taken: `policy_bundle_refused` with the fault and a sentence of at most 500 characters
 * that says where. It is recorded, logged and reported, so an archive must not be able to make it long.
 */
export function bundleRefused(fault: BundleFault, detail: string, cause?: unknown): VivifiedError {
  return new VivifiedError("policy_bundle_refused", {
    detail: shortened(`${fault}: ${detail}`),
    extra: { fault },
    cause,
  });
}

/** On one line, without what a terminal would obey, and cut between characters, so that it can be stored and shown. */
function shortened(text: string): string {
  const line = text.slice(0, maxDetailLength + 1).replace(/\p{Cc}/gu, " ");
  return line.length <= maxDetailLength ? line : `${line.slice(0, maxDetailLength - 1).toWellFormed()}…`;
}

/** The fault of an error of {@link bundleRefused}; undefined for any other error. */
export function faultOf(error: unknown): BundleFault | undefined {
  return error instanceof VivifiedError ? error.extra.fault : undefined;
}
