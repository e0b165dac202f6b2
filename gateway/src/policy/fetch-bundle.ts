import { createHash } from "node:crypto";
import type { KV } from "@nats-io/kv";
import type { SnapshotBundle } from "@vivified/contracts";
import { type BundleKeys, bundleRefused, openBundle, type PolicyBundle } from "@vivified/pdp";
import { readPieces } from "@vivified/runtime";

export type FetchBundleFrom = { readonly bucket: KV; readonly keys: BundleKeys };

/**
 * Fetches the bundle that a snapshot names, and believes neither the bucket nor core: the archive must be the one that was
 * named, and a trusted key must have signed it.
 *
 * @throws VivifiedError `policy_bundle_refused` with its fault; Error when pieces are absent or cannot be fetched
 */
export async function fetchBundle(named: SnapshotBundle, { bucket, keys }: FetchBundleFrom): Promise<PolicyBundle> {
  const archive = await readPieces(named.parts, bucket);
  const sha256 = createHash("sha256").update(archive).digest("hex");
  if (sha256 !== named.sha256 || archive.length !== named.bytes) {
    throw bundleRefused("digest_mismatch", "the archive is not the one that the snapshot names");
  }
  const bundle = await openBundle(archive, { keys });
  if (bundle.revision === named.revision) return bundle;
  throw bundleRefused("malformed", `it says to be revision ${bundle.revision}, the snapshot ${named.revision}`);
}
