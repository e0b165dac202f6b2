import { createHash, generateKeyPairSync } from "node:crypto";
import { Kvm } from "@nats-io/kv";
import { buckets, type SnapshotDocument, snapshotPartKey } from "@vivified/contracts";
import { createLogger, type NatsConnection, provisionNats, putPieces } from "@vivified/runtime";
import { startTestNats } from "@vivified/runtime/nats-fixtures";
import { afterAll, beforeAll, expect, it } from "vitest";
import { policyDistribution } from "../policy/index.ts";
import { ManifestSigner } from "./manifest-signer.ts";
import { SnapshotPublisher } from "./publish-snapshot.ts";
import { SnapshotBucket } from "./snapshot-bucket.ts";

const stack = new AsyncDisposableStack();
let nats: NatsConnection;

beforeAll(async () => {
  nats = stack.use(await stack.use(await startTestNats()).connect());
  await provisionNats(nats);
});
afterAll(() => stack.disposeAsync());

/** A clock of a process that is stopped meanwhile for longer than pieces are left alone. */
function stoppedClock() {
  let stoppedMs = 0;
  const now = () => new Date(Date.now() + stoppedMs);
  const stop = () => {
    stoppedMs += 70_000;
  };
  return { clock: { now, monotonicMs: () => performance.now() }, stop };
}

const key = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const noPolicy = { put: async () => {}, removeUnused: async () => {} };

/** A core whose database has this revision; `stopped`: what others do after it published and before it goes on. */
async function coreAt(revision: number, stopped?: () => Promise<void>) {
  const bucket = new SnapshotBucket(await new Kvm(nats).open(buckets.snapshot));
  const { clock, stop } = stoppedClock();
  const replace = bucket.replaceCurrent.bind(bucket);
  bucket.replaceCurrent = async (...asked) => {
    const current = await replace(...asked);
    await stopped?.();
    stop();
    return current;
  };
  const document = { plugins: [], grants: [], of: revision } as object as SnapshotDocument;
  return new SnapshotPublisher({
    ...{ bucket, clock, policy: noPolicy, signer: new ManifestSigner(key), raiseAbove: async () => {} },
    ...{ logger: createLogger({ process: "test", level: "silent" }), currentRevision: async () => revision },
    read: async () => ({ revision, document }),
  });
}

it("leaves what another core published while this one stood still", async () => {
  const other = await coreAt(2);
  await (await coreAt(1, () => other.turn())).turn();
  const bucket = await new Kvm(nats).open(buckets.snapshot);
  const current = await new SnapshotBucket(bucket).current();
  const manifest = await new ManifestSigner(key).read(current?.jws ?? "");
  const [part = ""] = manifest?.parts ?? [];
  expect(manifest?.revision).toBe(2);
  expect((await bucket.get(snapshotPartKey(part)))?.operation).toBe("PUT");
});

it("leaves a bundle that came into force while this core stood still", async () => {
  const bucket = await new Kvm(nats).open(buckets.policy);
  const { clock, stop } = stoppedClock();
  const archive = Buffer.from("a bundle");
  const previousRevision = async () => {
    await putPieces(archive, bucket); // by another core
    stop();
    return undefined;
  };
  const none = async () => undefined;
  const policies = { active: none, shadow: none, archive: none, findBundle: none, previousRevision };
  await policyDistribution({ policies, bucket, clock }).removeUnused();
  const hash = createHash("sha256").update(archive).digest("hex");
  expect((await bucket.get(snapshotPartKey(hash)))?.operation).toBe("PUT");
});
