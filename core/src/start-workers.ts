import { readFile } from "node:fs/promises";
import { Kvm } from "@nats-io/kv";
import { buckets, processSpiffeId, type SnapshotSettings } from "@vivified/contracts";
import { meshDispatcher, Worker } from "@vivified/runtime";
import { AuditIngest, type ChainBreak, type ChangedKeys, changedKeysRecord, WriterKeys } from "./audit/index.ts";
import type { Foundation } from "./foundation.ts";
import type { Metrics } from "./http/metrics.ts";
import { publishEvent, relayEvents } from "./outbox/index.ts";
import { policyDistribution, renumberActivation } from "./policy/index.ts";
import { ManifestSigner, readSnapshot, SnapshotBucket, SnapshotPublisher } from "./snapshot/index.ts";
import { storesOf } from "./stores.ts";
import type { SubjectParts } from "./subjects/index.ts";

/** Takes decision blocks in; a broken chain is counted and logged. */
export async function startAuditIngest(
  { nats, db, logger, config, stores }: Foundation,
  { metrics, ingested }: { readonly metrics: Metrics; readonly ingested: () => void },
  stack: AsyncDisposableStack,
): Promise<void> {
  const changed = (keys: ChangedKeys) => stores.decisions.append([changedKeysRecord(keys)]);
  const writers = await WriterKeys.open({ file: config.processKeysFile, changed });
  const broken = (found: ChainBreak): void => {
    metrics.chainFaults.inc({ fault: found.fault });
    logger.error(found, "audit chain is broken");
  };
  const counted = ({ taken }: { readonly taken: number }): void => {
    metrics.blocksIngested.inc(taken);
    ingested();
  };
  stack.use(new AuditIngest({ nats, db, logger, writers, broken, ingested: counted }));
}

/** Sends the outbox to the gateway's publish lane, as core. */
export function startEventRelay(foundation: Foundation, stack: AsyncDisposableStack): void {
  const { svid, trustDomain, stores, logger, config, bell } = foundation;
  const mesh = stack.use(meshDispatcher({ svid, expect: processSpiffeId(trustDomain, "gateway"), connections: 4 }));
  const sending = { gatewayUrl: config.gatewayUrl, dispatcher: mesh.dispatcher, timeoutMs: 8_000 };
  const publish = (waiting: Parameters<typeof publishEvent>[0]) => publishEvent(waiting, sending);
  const work = () => relayEvents({ outbox: stores.outbox, publish, logger });
  const worker = stack.use(new Worker({ name: "event relay", work, everyMs: 250, logger }));
  bell.onRing(() => worker.wake());
}

/** Publishes the snapshot after every change and keeps it fresh. */
export async function startSnapshotPublisher(
  foundation: Foundation & { readonly subjectParts: SubjectParts | undefined },
  stack: AsyncDisposableStack,
): Promise<SnapshotPublisher> {
  const { nats, config, db, stores, clock, logger, bell, subjectParts } = foundation;
  const keyValue = new Kvm(nats);
  const policyBucket = await keyValue.open(buckets.policy);
  const publisher = new SnapshotPublisher({
    read: () =>
      db
        .transaction()
        .setIsolationLevel("repeatable read")
        .execute((tx) =>
          readSnapshot({
            stores: storesOf(tx),
            trustDomain: config.trustDomain,
            settings: settingsOf(config),
            wrapKey: subjectParts?.wrapKey,
          }),
        ),
    currentRevision: stores.revision.current,
    raiseAbove: ({ revision, document }) =>
      foundation.atomically(async (restored) => {
        await restored.revision.raiseTo(revision + 1);
        await renumberActivation(document?.policy, restored);
      }),
    bucket: new SnapshotBucket(await keyValue.open(buckets.snapshot)),
    policy: policyDistribution({ policies: stores.policies, bucket: policyBucket, clock }),
    signer: new ManifestSigner(await readFile(config.snapshotKeyFile, "utf8")),
    clock,
    logger,
  });
  const work = () => publisher.turn();
  const worker = stack.use(new Worker({ name: "snapshot publisher", work, everyMs: 500, logger }));
  bell.onRing(() => worker.wake());
  return publisher;
}

function settingsOf(config: Foundation["config"]): SnapshotSettings {
  return {
    egress_enabled: true,
    max_staleness_ms: config.maxStalenessMs,
    egress_rate_limit: { requests: 100, window_ms: 60_000 },
  };
}
