import { canonicalJson, type SnapshotDocument, type SnapshotManifest } from "@vivified/contracts";
import type { Clock, Logger } from "@vivified/runtime";
import type { PolicyDistribution } from "../policy/index.ts";
import type { ManifestSigner } from "./manifest-signer.ts";
import type { Current, SnapshotBucket } from "./snapshot-bucket.ts";

export type PublishSnapshotDeps = {
  /** Reads revision and document at one point in time. */
  readonly read: () => Promise<{ readonly revision: number; readonly document: SnapshotDocument }>;
  readonly currentRevision: () => Promise<number>;
  /** Numbers the database past what is published, after it was restored to an earlier state. */
  readonly raiseAbove: (published: Published) => Promise<void>;
  readonly bucket: SnapshotBucket;
  readonly signer: ManifestSigner;
  /** Gives out the bundles that the document names, before it is published. */
  readonly policy: PolicyDistribution;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** What readers have seen; without the document when it cannot be read any more. */
export type Published = { readonly revision: number; readonly document?: SnapshotDocument };

const resignAfterMs = 5_000;

/**
 * Publishes the snapshot whenever its revision moved, and signs the manifest anew every five seconds, so that readers can
 * tell how old it is. Parts first, the manifest last, by compare-and-set: a reader never sees half a snapshot, and a crash
 * in between leaves the one before. The revision never goes back, not even when the database did.
 */
export class SnapshotPublisher {
  readonly #deps: PublishSnapshotDeps;
  #published: { readonly manifest: SnapshotManifest; readonly current: Current } | undefined;

  constructor(deps: PublishSnapshotDeps) {
    this.#deps = deps;
  }

  /** True once this process has published or confirmed a snapshot. */
  get ready(): boolean {
    return this.#published !== undefined;
  }

  /** One turn: publishes, signs anew, or does nothing. */
  async turn(): Promise<void> {
    try {
      const revision = await this.#deps.currentRevision();
      if (this.#published?.manifest.revision !== revision) await this.#publish();
      else if (this.#ageMs() >= resignAfterMs) await this.#put(this.#published.manifest, this.#published.current);
    } catch (error) {
      this.#published = undefined; // whoever wrote in between is read again at the next turn
      throw error;
    }
  }

  #ageMs(): number {
    const madeAt = this.#published?.manifest.made_at;
    return madeAt === undefined ? Number.POSITIVE_INFINITY : this.#deps.clock.now().getTime() - Date.parse(madeAt);
  }

  async #publish(): Promise<void> {
    const { bucket, signer, read, logger, clock, policy } = this.#deps;
    const beganMs = clock.now().getTime(); // what is younger may be another core's, however long this one stood still
    const current = await bucket.current();
    const before = current && (await signer.read(current.jws));
    const { revision, document } = await read();
    await policy.put(document.policy);
    const parts = await bucket.putParts(canonicalJson(document));
    if (before !== undefined && isBehind({ revision, parts }, before)) return this.#raiseAbove(before);
    await this.#put({ revision, made_at: "", parts }, current);
    const { plugins, grants } = document;
    const counts = { plugins: plugins.length, grants: grants.length, policy: document.policy?.revision };
    logger.info({ revision, ...counts }, "snapshot published");
    if (this.#published) await bucket.removeUnusedParts(this.#published.manifest, beganMs);
    await policy.removeUnused();
  }

  async #put(manifest: SnapshotManifest, read: Current | undefined): Promise<void> {
    const fresh = { ...manifest, made_at: this.#deps.clock.now().toISOString() };
    const current = await this.#deps.bucket.replaceCurrent(await this.#deps.signer.sign(fresh), read);
    this.#published = { manifest: fresh, current };
  }

  async #raiseAbove(before: SnapshotManifest): Promise<void> {
    const { revision } = before;
    this.#deps.logger.warn({ revision }, "the database is behind the published snapshot and is numbered past it");
    const document = await this.#deps.bucket.document(before);
    await this.#deps.raiseAbove({ revision, ...(document && { document }) });
    await this.#publish();
  }
}

/** Whether a number was used already: for a later state, or for another one of the same number. */
function isBehind(now: Pick<SnapshotManifest, "revision" | "parts">, before: SnapshotManifest): boolean {
  if (now.revision !== before.revision) return now.revision < before.revision;
  return now.parts.join() !== before.parts.join();
}
