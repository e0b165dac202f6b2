import type { BundleFault } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";

/** The error of a bundle that is not taken: `policy_bundle_refused` with the fault and a sentence that says where. */
export function bundleRefused(fault: BundleFault, detail: string, cause?: unknown): VivifiedError {
  return new VivifiedError("policy_bundle_refused", { detail: `${fault}: ${detail}`, extra: { fault }, cause });
}

/** The fault of an error of {@link bundleRefused}; undefined for any other error. */
export function faultOf(error: unknown): BundleFault | undefined {
  return error instanceof VivifiedError ? error.extra.fault : undefined;
}
