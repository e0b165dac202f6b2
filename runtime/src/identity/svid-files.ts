import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { svidOf } from "./peer-svid.ts";
import type { Svid } from "./svid.ts";

/** Reads a kept SVID, or undefined when there is none that can still be used. */
export async function readSvid(directory: string, now: Date): Promise<Svid | undefined> {
  try {
    const [keyPem, chainPem, bundlePem] = await Promise.all(
      ["key.pem", "chain.pem", "bundle.pem"].map((name) => readFile(join(directory, name), "utf8")),
    );
    if (!keyPem || !chainPem || !bundlePem) return undefined;
    const svid = assembleSvid({ keyPem, chainPem, bundlePem });
    return svid && svid.expiresAt > now ? svid : undefined;
  } catch {
    return undefined; // absent, unreadable or half written: the join token starts over
  }
}

/** Keeps an SVID as three files (0600) in a directory (0700), each replaced by rename. */
export async function writeSvid(directory: string, svid: Svid): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const parts = { "key.pem": svid.keyPem, "chain.pem": svid.chainPem, "bundle.pem": svid.bundlePem };
  for (const [name, text] of Object.entries(parts)) await replaceFile(join(directory, name), text);
}

/** Writes beside the file and renames over it, so that a reader sees the old or the new, never half. */
export async function replaceFile(path: string, text: string, mode = 0o600): Promise<void> {
  const next = `${path}.${process.pid}.next`;
  await writeFile(next, text, { mode });
  await rename(next, path);
}

/** Puts key, chain and bundle together; undefined when they do not belong together or are no SVID. */
export function assembleSvid(parts: Pick<Svid, "keyPem" | "chainPem" | "bundlePem">): Svid | undefined {
  const leaf = new X509Certificate(parts.chainPem);
  const identity = svidOf(leaf);
  if (identity === undefined || !leaf.checkPrivateKey(createPrivateKey(parts.keyPem))) return undefined;
  return { ...parts, spiffeId: identity.id, issuedAt: new Date(leaf.validFrom), expiresAt: identity.expiresAt };
}
