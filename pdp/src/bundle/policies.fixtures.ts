import { generateKeyPairSync } from "node:crypto";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildBundle } from "./build-bundle.ts";
import type { BundleKeys } from "./bundle-keys.ts";
import type { PolicyBundle } from "./policy-bundle.ts";
import type { BundleSigner } from "./sign-files.ts";

/** The OPA that tests use. */
export const opa = process.env.VIVIFIED_OPA ?? "opa";

/** The policies of this repository. */
export const ourPolicies = fileURLToPath(new URL("../../../policies", import.meta.url));

export type TestSigner = { readonly signer: BundleSigner; readonly keys: BundleKeys; readonly publicKeyPem: string };

/** A key pair that signs bundles, and whoever trusts it. */
export function testSigner(keyId = "test"): TestSigner {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const publicKeyPem = pair.publicKey.export({ type: "spki", format: "pem" }).toString();
  const privateKeyPem = pair.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const keys: BundleKeys = new Map([[keyId, { algorithm: "RS256", key: publicKeyPem }]]);
  return { signer: { keyId, privateKeyPem }, keys, publicKeyPem };
}

/** The bundle of this repository's policies. */
export async function ourBundle(): Promise<PolicyBundle> {
  return (await buildBundle({ opa, source: { floor: ourPolicies } })).bundle;
}

/** The bundle of rules that {@link writePolicies} writes. */
export async function bundleOf(directory: string, rules: Readonly<Record<string, string>>): Promise<PolicyBundle> {
  const floor = await writePolicies(directory, rules);
  return (await buildBundle({ opa, source: { floor } })).bundle;
}

export type Scratch = AsyncDisposable & { readonly path: (name: string) => string };

/** A folder of its own for one test, gone afterwards. */
export async function scratch(): Promise<Scratch> {
  const directory = await mkdtemp(join(tmpdir(), "vivified-pdp-"));
  return {
    path: (name) => join(directory, name),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

/** A policies folder with our capabilities and the given rules, by package path: `{"rpc/invoke": "decision := …"}`. */
export async function writePolicies(directory: string, rules: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(directory, { recursive: true });
  await cp(join(ourPolicies, "capabilities.json"), join(directory, "capabilities.json"));
  for (const [name, body] of Object.entries(rules)) {
    const file = join(directory, "vivified", name, "rules.rego");
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `package vivified.${name.replace("/", ".")}\n\n${body}\n`);
  }
  return directory;
}
