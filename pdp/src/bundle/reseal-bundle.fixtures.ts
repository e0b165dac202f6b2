import { dataFile, manifestFile } from "./bundle-manifest.ts";
import { defaultArchiveLimits, readArchive } from "./read-archive.ts";
import { type BundleSigner, signaturesFile, signFiles } from "./sign-files.ts";
import { writeArchive } from "./write-archive.ts";

export type BundleChanges = {
  readonly revision?: string;
  readonly serial?: number;
  /** `data.modes` */
  readonly modes?: Readonly<Record<string, string>>;
  /** Files to add or replace (text), or to leave out. */
  readonly files?: Readonly<Record<string, string | undefined>>;
  /** Questions that it does not answer. */
  readonly without?: readonly string[];
};

/**
 * Another bundle from one that was built, without compiling anything: with another revision, serial, modes or files,
 * signed anew (unsigned without a signer). The revision is made up, so it says nothing about what is inside.
 */
export async function resealBundle(
  archive: Uint8Array,
  changes: BundleChanges,
  signer?: BundleSigner,
): Promise<Buffer> {
  const files = new Map(await readArchive(archive, defaultArchiveLimits));
  files.delete(signaturesFile);
  for (const [name, text] of Object.entries(changes.files ?? {})) {
    if (text === undefined) files.delete(name);
    else files.set(name, Buffer.from(text));
  }
  change(files, manifestFile, (manifest) => changedManifest(manifest, changes));
  if (changes.modes) change(files, dataFile, (data) => ({ ...data, modes: changes.modes }));
  if (signer !== undefined) files.set(signaturesFile, await signFiles(files, signer));
  return writeArchive(files);
}

// biome-ignore lint/suspicious/noExplicitAny: a fixture that changes JSON of any shape
type Json = any;

function change(files: Map<string, Buffer>, name: string, how: (value: Json) => Json): void {
  const value: Json = JSON.parse(files.get(name)?.toString() ?? "{}");
  files.set(name, Buffer.from(JSON.stringify(how(value))));
}

function changedManifest(manifest: Json, { revision, serial, modes, without = [] }: BundleChanges): Json {
  const { vivified } = manifest.metadata;
  const roots = [...new Set([...manifest.roots, ...(modes ? ["modes"] : [])])].sort();
  return {
    ...manifest,
    roots,
    revision: revision ?? manifest.revision,
    wasm: manifest.wasm.filter(({ entrypoint }: Json) => !without.includes(entrypoint)),
    metadata: { ...manifest.metadata, vivified: { ...vivified, serial: serial ?? vivified.serial } },
  };
}
