import { readFile } from "node:fs/promises";
import { type Clock, VivifiedError } from "@vivified/runtime";
import { Agent } from "undici";
import { maxArchiveBytes } from "../bundle-routes.ts";
import type { PolicyChangeDeps } from "../policy-changes.ts";
import { BundleSource } from "./bundle-source.ts";
import { fetchBundle } from "./fetch-bundle.ts";

export type BundleSourceSettings = {
  readonly devMode: boolean;
  readonly policySourceUrl?: string;
  readonly policySourceTokenFile?: string;
  readonly policySourceCaFile?: string;
  readonly policySourceTimeoutMs: number;
};

/**
 * The bundle source that is configured, or nothing.
 *
 * @throws VivifiedError `invalid_config` for a URL that is none, or a token that would travel in the clear outside dev mode
 */
export async function openBundleSource(
  settings: BundleSourceSettings,
  deps: PolicyChangeDeps & { readonly clock: Clock },
  stack: AsyncDisposableStack,
): Promise<BundleSource | undefined> {
  if (settings.policySourceUrl === undefined) return undefined;
  const url = soundUrl(settings.policySourceUrl, settings);
  const { policySourceCaFile: caFile, policySourceTokenFile: tokenFile, policySourceTimeoutMs: timeoutMs } = settings;
  const ca = caFile === undefined ? {} : { ca: await readFile(caFile, "utf8") };
  const agent = new Agent({ connections: 1, connect: { ...ca, timeout: timeoutMs } });
  stack.defer(() => agent.destroy());
  const limits = { timeoutMs, maxBytes: maxArchiveBytes };
  const options = { url, dispatcher: agent, ...limits, ...(tokenFile !== undefined && { tokenFile }) };
  return new BundleSource({ ...deps, url, fetch: (etag) => fetchBundle(options, etag) });
}

function soundUrl(text: string, { devMode, policySourceTokenFile }: BundleSourceSettings): URL {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) throw invalid("it is neither http nor https");
  if (url.username !== "" || url.password !== "") throw invalid("credentials come by POLICY_SOURCE_TOKEN_FILE");
  const inTheClear = url.protocol === "http:" && policySourceTokenFile !== undefined;
  if (inTheClear && !devMode) throw invalid("a token goes over https alone");
  return url;
}

function invalid(why: string): VivifiedError {
  return new VivifiedError("invalid_config", { detail: `POLICY_SOURCE_URL: ${why}` });
}
