import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { buildBundle, openBundle, type PolicyBundle, parseBundleKeys } from "@vivified/pdp";
import type { AdminApi } from "../../platform/admin-api.ts";
import { inCheckout } from "../../platform/checkout.ts";
import type { BundleOptions } from "./bundle-options.ts";

/** OPA as the environment names it. @throws Error when it does not */
export function opaPath(env: NodeJS.ProcessEnv = process.env): string {
  const { VIVIFIED_OPA: opa } = env;
  if (opa) return opa;
  throw new Error("VIVIFIED_OPA is not set: start with `npm run vivified -- …`, which finds or brings OPA");
}

/** The policies that were chosen, undefined when none were. `core` is asked only for a revision. */
export async function chosenBundle(
  options: BundleOptions,
  core: () => Promise<AdminApi>,
): Promise<PolicyBundle | undefined> {
  const { bundle, policies, customer, revision } = options;
  if ([bundle, policies ?? customer, revision].filter((one) => one !== undefined).length > 1) {
    throw new Error("--bundle, --policies (with --customer) and --revision are different policies: give one");
  }
  if (bundle !== undefined) return openFile(bundle, options);
  if (policies !== undefined || customer !== undefined) return builtBundle(policies, customer);
  return revision === undefined ? undefined : bundleOf(revision, await core(), options);
}

/** A bundle file, a folder of policies or of a customer, or a revision that core keeps. */
export async function namedBundle(
  name: string,
  options: BundleOptions,
  core: () => Promise<AdminApi>,
): Promise<PolicyBundle> {
  const found = await stat(name).catch(() => undefined);
  if (found === undefined && /[/\\]/.test(name)) throw new Error(`there is no file or folder ${name}`);
  if (found === undefined) return bundleOf(name, await core(), options);
  if (!found.isDirectory()) return openFile(name, options);
  const floor = await stat(join(name, "vivified")).catch(() => undefined);
  return floor === undefined ? builtBundle(undefined, name) : builtBundle(name);
}

/** The policies that this version ships, with a customer's when they are given. */
export async function builtBundle(floor = inCheckout("policies"), customer?: string): Promise<PolicyBundle> {
  const source = { floor, ...(customer !== undefined && { customer }) };
  return (await buildBundle({ opa: opaPath(), source })).bundle;
}

/** What core keeps under a revision. @throws AdminApiError when it keeps nothing */
export async function bundleOf(
  revision: string,
  core: AdminApi,
  options: Pick<BundleOptions, "keys">,
): Promise<PolicyBundle> {
  return opened(await core.download(`/admin/policies/bundles/${encodeURIComponent(revision)}`), options);
}

const openFile = async (path: string, options: BundleOptions): Promise<PolicyBundle> =>
  opened(await readFile(path), options);

async function opened(archive: Buffer, { keys }: Pick<BundleOptions, "keys">): Promise<PolicyBundle> {
  return openBundle(archive, keys === undefined ? {} : { keys: parseBundleKeys(await readFile(keys, "utf8")) });
}
