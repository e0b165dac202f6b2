import { createHash } from "node:crypto";
import { Kvm } from "@nats-io/kv";
import { buckets, type SnapshotBundle, type SnapshotPolicy } from "@vivified/contracts";
import { openBundle } from "@vivified/pdp";
import { type BundleChanges, resealBundle, shippedBundle, type TestSigner, testSigner } from "@vivified/pdp/fixtures";
import { type NatsConnection, putPieces } from "@vivified/runtime";

/** Gives policies out as core does, signed by a key of the test. */
export type TestPolicies = {
  readonly signer: TestSigner;
  /** Puts a bundle into the bucket, in pieces. */
  readonly put: (archive: Uint8Array, revision: string) => Promise<SnapshotBundle>;
  /** The shipped policies with changes, under a revision of their own. */
  readonly bundle: (revision: string, changes?: BundleChanges) => Promise<SnapshotBundle>;
  /** The same, as the next activation. */
  readonly activation: (revision: string, changes?: BundleChanges) => Promise<SnapshotPolicy>;
};

export function testPolicies(connection: NatsConnection): TestPolicies {
  const signer = testSigner();
  let last = 0;
  const put = async (archive: Uint8Array, revision: string) => {
    const parts = await putPieces(archive, await new Kvm(connection).open(buckets.policy));
    return { revision, sha256: createHash("sha256").update(archive).digest("hex"), bytes: archive.length, parts };
  };
  const bundle = async (revision: string, changes: BundleChanges = {}) =>
    put(await resealBundle(await shippedBundle(), { ...changes, revision }, signer.signer), revision);
  return {
    signer,
    put,
    bundle,
    activation: async (revision, changes) => {
      last += 1;
      return { ...(await bundle(revision, changes)), activation: last };
    },
  };
}

/** A revision whose dictionary and tables belong together: seen by another's, the field `probe` would come out otherwise. */
export async function telling(revision: string): Promise<BundleChanges> {
  const { data } = await openBundle(await shippedBundle());
  const entries = [{ title: "probe", traits: [`t_${revision}`], names: ["probe"], exact: [] }];
  const clearances = { [`t_${revision}`]: { action: "hash" } };
  const changed = { ...data, dictionary: { entries, prefixes: [], suffixes: [], neutral: [] }, clearances };
  return { files: { "data.json": JSON.stringify(changed) } };
}
