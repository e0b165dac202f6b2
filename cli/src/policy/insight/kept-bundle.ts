import type { PolicyBundle } from "@vivified/pdp";
import type { AdminApi } from "../../platform/admin-api.ts";
import { AdminApiError } from "../../platform/admin-api-error.ts";
import type { BundleOptions } from "./bundle-options.ts";
import { bundleOf } from "./chosen-bundle.ts";

/** The policies of a revision, or nothing when core does not keep them. @throws AdminApiError when it refuses */
export async function keptBundle(
  revision: string,
  core: AdminApi,
  options: Pick<BundleOptions, "keys">,
): Promise<PolicyBundle | undefined> {
  try {
    return await bundleOf(revision, core, options);
  } catch (error) {
    if (error instanceof AdminApiError && error.status === 404) return undefined;
    throw error;
  }
}
