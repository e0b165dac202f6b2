import { allEntrypoints, type BundleKeys, bundleRefused, openBundle, openPdp, type PolicyBundle } from "@vivified/pdp";

/** A bundle that a trusted key signed and that was seen to work. */
export type AdmittedBundle = PolicyBundle & { readonly keyId: string };

/** Reads and checks an archive. @throws VivifiedError `policy_bundle_refused` with its fault */
export type AdmitBundle = (archive: Uint8Array) => Promise<AdmittedBundle>;

/**
 * Takes bundles of these keys alone, and only those that run, answer every question of the platform and let its people
 * take them back: what admits everything else must not be able to lock everybody out.
 */
export function bundleAdmission(keys: BundleKeys): AdmitBundle {
  return async (archive) => {
    const bundle = await openBundle(archive, { keys });
    const unanswered = allEntrypoints.filter((entrypoint) => !bundle.entrypoints.has(entrypoint));
    if (unanswered.length > 0) throw notRunnable(`it does not answer ${unanswered.join(", ")}`);
    await refuseLockout(bundle);
    return { ...bundle, keyId: bundle.keyId ?? "" };
  };
}

async function refuseLockout(bundle: PolicyBundle): Promise<void> {
  await using pdp = await openPdp({ bundle }).catch((cause: unknown) => {
    throw notRunnable("its modules cannot be started", cause);
  });
  const subject = { id: "core", traits: ["admin_capable", "security_capable"] };
  const resource = { method: "POST", route: "/admin/policies/rollback" };
  const { effect, reasons } = await pdp.decide("admin/access", { subject, resource });
  if (effect === "deny") throw notRunnable(`nobody could take it back: ${reasons.map(({ rule }) => rule).join(", ")}`);
}

const notRunnable = (detail: string, cause?: unknown) => bundleRefused("not_runnable", detail, cause);
