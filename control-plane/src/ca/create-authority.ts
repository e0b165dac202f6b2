import { access } from "node:fs/promises";
import { authorityFile, readAuthority, storeAuthority } from "./authority-file.ts";
import { makeRoot } from "./make-root.ts";

export type CreateAuthorityOptions = { readonly directory: string; readonly trustDomain: string };

/** What the installer needs of an authority: the hash that join tokens carry, and the trusted roots as PEM. */
export type CreatedAuthority = { readonly rootHash: string; readonly bundle: string };

/**
 * Makes the platform's root CA in a directory, or leaves the one that is there.
 *
 * @throws VivifiedError `invalid_config` when the directory holds the authority of another trust domain.
 */
export async function createAuthority({ directory, trustDomain }: CreateAuthorityOptions): Promise<CreatedAuthority> {
  if (!(await exists(authorityFile(directory)))) {
    const { root, keyPem } = await makeRoot(trustDomain, new Date());
    await storeAuthority(directory, keyPem, root);
  }
  const { rootHash, bundle } = await readAuthority(directory, trustDomain);
  return { rootHash, bundle };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
