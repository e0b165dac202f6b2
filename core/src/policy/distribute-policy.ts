import type { KV } from "@nats-io/kv";
import type { SnapshotBundle, SnapshotPolicy } from "@vivified/contracts";
import { type Clock, hasIntactPiece, putPieces, removeUnusedPieces } from "@vivified/runtime";
import type { PolicyStore } from "./policy-store.ts";

export type PolicyDistribution = {
  /** Puts what is missing or was altered of the bundles that a snapshot is about to name. */
  readonly put: (policy: SnapshotPolicy | undefined) => Promise<void>;
  /** Removes pieces of bundles that are neither in force nor were it before, nor judge beside it. */
  readonly removeUnused: () => Promise<void>;
};

export type DistributePolicyDeps = {
  readonly policies: Pick<PolicyStore, "active" | "shadow" | "previousRevision" | "archive" | "findBundle">;
  readonly bucket: KV;
  readonly clock: Pick<Clock, "now">;
};

/** Gives bundles out in pieces, before anybody is told of them. */
export function policyDistribution({ policies, bucket, clock }: DistributePolicyDeps): PolicyDistribution {
  const isThere = (sha256: string) => hasIntactPiece(sha256, bucket);
  const putBundle = async ({ revision, parts }: SnapshotBundle) => {
    if ((await Promise.all(parts.map(isThere))).every(Boolean)) return;
    const archive = await policies.archive(revision);
    if (archive !== undefined) await putPieces(archive, bucket);
  };
  return {
    put: async (policy) => {
      if (policy !== undefined) await putBundle(policy);
      if (policy?.shadow !== undefined) await putBundle(policy.shadow);
    },
    removeUnused: async () => {
      const askedMs = clock.now().getTime(); // what is younger may have come into force since
      await removeUnusedPieces(await named(policies), bucket, askedMs);
    },
  };
}

async function named(policies: DistributePolicyDeps["policies"]): Promise<readonly string[]> {
  const revisions = [
    (await policies.active())?.revision,
    await policies.shadow(),
    await policies.previousRevision(),
  ].filter((revision) => revision !== undefined);
  const bundles = await Promise.all(revisions.map(policies.findBundle));
  return bundles.flatMap((bundle) => bundle?.parts ?? []);
}
