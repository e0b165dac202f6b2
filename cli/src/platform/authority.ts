import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { inCheckout } from "./checkout.ts";
import type { Home } from "./home.ts";

export type PlatformRoot = {
  /** base64url SHA-256 of the root's DER, for join tokens. */
  readonly rootHash: string;
  /** The root certificate as a PEM file, for whoever calls the API. */
  readonly bundleFile: string;
};

const run = promisify(execFile);

/** Makes the platform's root once, or finds it. Its key stays with the control plane. */
export async function openAuthority(home: Home, trustDomain: string): Promise<PlatformRoot> {
  const script = inCheckout("control-plane/src/create-authority.ts");
  const { stdout } = await run(process.execPath, [script, home.at("ca"), trustDomain], { env: {} });
  const { rootHash, bundle } = JSON.parse(stdout) as { rootHash: string; bundle: string };
  const bundleFile = home.at("ca.pem");
  await writeFile(bundleFile, bundle, { mode: 0o644 });
  return { rootHash, bundleFile };
}
