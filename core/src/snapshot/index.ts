export { ManifestSigner } from "./manifest-signer.ts";
export { type PublishSnapshotDeps, SnapshotPublisher } from "./publish-snapshot.ts";
export { type ReadSnapshotDeps, readSnapshot } from "./read-snapshot.ts";
export { revisionStore } from "./revision-store.postgres.ts";
export type { RevisionStore } from "./revision-store.ts";
export { SnapshotBucket } from "./snapshot-bucket.ts";
