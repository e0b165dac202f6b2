import { readFile } from "node:fs/promises";
import { type BundleSigner, buildBundleFile, type PolicyBundle } from "@vivified/pdp";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { opaTool } from "./tools.ts";
import { openWorkspace } from "./workspace.ts";

export type BuildOptions = {
  readonly output: string;
  readonly serial: number;
  readonly customer?: string;
  readonly key?: string;
  readonly keyId?: string;
  readonly json?: boolean;
};

/** `vivified policy build`: policies as a signed OPA bundle; the same input gives the same bytes. */
export async function buildCommand(folder: string | undefined, options: BuildOptions): Promise<ExitCode> {
  const workspace = openWorkspace(options.customer ?? folder);
  const { floor } = options.customer === undefined ? workspace : openFloor(folder, workspace.floor);
  const signer = await signerOf(options);
  const { output, serial } = options;
  const source = { floor, ...(workspace.customer !== undefined && { customer: workspace.customer }) };
  const bundle = await buildBundleFile({ opa: opaTool(), source, output, serial, ...(signer && { signer }) });
  const built = summaryOf(bundle, output, signer);
  process.stdout.write(options.json ? `${JSON.stringify(built, undefined, 2)}\n` : textOf(built));
  return exitCodes.fine;
}

/** With `--customer`, the folder names the floor below it. */
function openFloor(folder: string | undefined, shipped: string): { readonly floor: string } {
  return folder === undefined ? { floor: shipped } : openWorkspace(folder);
}

async function signerOf({ key, keyId }: BuildOptions): Promise<BundleSigner | undefined> {
  if ((key === undefined) !== (keyId === undefined)) throw new Error("--key and --key-id go together");
  if (key === undefined || keyId === undefined) return undefined;
  return { keyId, privateKeyPem: await readFile(key, "utf8") };
}

function summaryOf(bundle: PolicyBundle, output: string, signer: BundleSigner | undefined) {
  const { revision, sha256, serial, rules, relaxed } = bundle;
  const counts = {
    floor: rules.filter(({ floor }) => floor).length,
    custom: rules.filter(({ floor }) => !floor).length,
  };
  return { output, revision, sha256, serial, rules: counts, relaxed, ...(signer && { key_id: signer.keyId }) };
}

function textOf(built: ReturnType<typeof summaryOf>): string {
  const { output, revision, sha256, serial, rules, relaxed, key_id: keyId } = built;
  const changes = relaxed.map(({ rule, mode }) => `${rule} (${mode})`).join(", ");
  return [
    `${output}: revision ${revision}, serial ${serial}`,
    `sha256 ${sha256}`,
    `${rules.floor} rules of the platform, ${rules.custom} of the customer`,
    ...(changes === "" ? [] : [`relaxed: ${changes}; publishing it takes a second person`]),
    keyId === undefined ? "not signed: no platform takes it" : `signed by ${keyId}`,
    "",
  ].join("\n");
}
