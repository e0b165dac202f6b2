import { createPublicKey, randomUUID } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { type BuildBundleOptions, buildBundle } from "./build-bundle.ts";
import type { BundleKeys } from "./bundle-keys.ts";
import { openBundle } from "./open-bundle.ts";
import type { PolicyBundle } from "./policy-bundle.ts";
import type { BundleSigner } from "./sign-files.ts";
import { sourceDigest } from "./source-digest.ts";

export type BuildBundleFileOptions = BuildBundleOptions & {
  /** Where the archive goes; its folder must exist. */
  readonly output: string;
};

/**
 * {@link buildBundle} into a file, which appears whole or not at all. A bundle says what it was made from: one that is
 * there, was made from the same and is signed by the same key is left alone.
 *
 * @throws VivifiedError `invalid_config` when OPA refuses the rules, or there are none; the file stays as it was
 */
export async function buildBundleFile(options: BuildBundleFileOptions): Promise<PolicyBundle> {
  const existing = await existingBundle(options);
  if (existing !== undefined && existing.source === (await sourceDigest(options))) return existing;
  const { archive, bundle } = await buildBundle(options);
  const draft = `${options.output}.${randomUUID()}`;
  try {
    await writeFile(draft, archive);
    await rename(draft, options.output);
  } finally {
    await rm(draft, { force: true });
  }
  return bundle;
}

async function existingBundle({ output, signer }: BuildBundleFileOptions): Promise<PolicyBundle | undefined> {
  try {
    return await openBundle(await readFile(output), signer === undefined ? {} : { keys: keysOf(signer) });
  } catch {
    return undefined; // absent, damaged or signed by another: it is built anew
  }
}

function keysOf({ keyId, privateKeyPem }: BundleSigner): BundleKeys {
  const key = createPublicKey(privateKeyPem).export({ type: "spki", format: "pem" }).toString();
  return new Map([[keyId, { algorithm: "RS256", key }]]);
}
