import { createPublicKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type KV, Kvm } from "@nats-io/kv";
import { type Bucket, buckets, processSpiffeId } from "@vivified/contracts";
import { type PolicyFailure, parseBundleKeys } from "@vivified/pdp";
import {
  AuditTrail,
  type Clock,
  ClockWatch,
  chainNames,
  deriveSubjectSecret,
  type Logger,
  listBucket,
  type NatsConnection,
  natsBlockStream,
  natsTime,
  openProcessKey,
  type SvidSource,
  uuidv7,
} from "@vivified/runtime";
import { makeCallTokens } from "./call-token/call-tokens.ts";
import { KeyDirectory } from "./call-token/key-directory.ts";
import type { GatewayConfig } from "./config.ts";
import { CoreClient } from "./core-routes/core-client.ts";
import { MeshPluginClient } from "./peer/mesh-plugin-client.ts";
import { PolicyFollower } from "./policy/policy-follower.ts";
import { startPolicyStatus } from "./policy/policy-status.ts";
import { ShadowJudge } from "./policy/shadow/shadow-judge.ts";
import { NodeDirectory } from "./snapshot/node-directory.ts";
import { SnapshotFollower } from "./snapshot/snapshot-follower.ts";
import { startLife } from "./start-life.ts";
import { subjectKeys } from "./subjects/subject-keys.ts";

/** What the gateway stands on; tests bring their own. */
export type Surroundings = {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly svid: SvidSource;
  readonly connection: NatsConnection;
};

export type Parts = Awaited<ReturnType<typeof openParts>>;

const maxReplyBytes = 1024 * 1024;
const maxQueuedRecords = 10_000;

/** Opens everything of the gateway that has a lifetime. The trail comes first, so that it is closed last. */
export async function openParts(config: GatewayConfig, around: Surroundings, stack: AsyncDisposableStack) {
  const { logger, clock, svid, connection } = around;
  const { trustDomain } = config;
  const open = openBucket(connection);
  const trail = stack.use(await openTrail(config, around));
  await startLife(config, { trail, clock, logger }, stack);
  const key = createPublicKey(await readFile(config.snapshotPublicKeyFile, "utf8"));
  const clockWatch = stack.use(watchClock(around));
  const clockTrusted = () => clockWatch.trusted;
  const followed = { connection, key, trustDomain, clock, clockTrusted, logger };
  const snapshots = stack.use(new SnapshotFollower(followed));
  const { policies, shadow } = await followPolicies(config, { ...around, snapshots }, stack);
  const nodes = stack.use(new NodeDirectory({ connection, logger }));
  const plugins = stack.use(new MeshPluginClient({ svid, nodes, maxReplyBytes }));
  const core = stack.use(new CoreClient({ url: config.coreUrl, svid, trustDomain, timeoutMs: 30_000 }));
  const issuer = processSpiffeId(trustDomain, "gateway");
  const callTokens = await makeCallTokens({ issuer, newId: uuidv7, clock });
  const list = async () => (await listBucket(connection, buckets.signingKeys)).keys;
  const own = { open: open(buckets.signingKeys), list, writer: config.writerId, own: callTokens.publicKey, logger };
  const keys = new KeyDirectory(own);
  await keys.publish();
  const subjects = openSubjects(config, open(buckets.subjectKeys));
  return { trail, clockWatch, snapshots, policies, shadow, plugins, core, callTokens, keys, subjects };
}

/** Blocks are stamped by NATS: the gateway's clock is held to the same one. */
function watchClock({ connection, clock, logger }: Surroundings): ClockWatch {
  const ask = () => natsTime(connection);
  return new ClockWatch({ clock, other: "NATS", ask, maxSkewMs: 60_000, everyMs: 5_000, logger });
}

/** Undefined where no secret was given: what is to be kept is refused then. */
function openSubjects({ subjectSecret }: GatewayConfig, open: () => Promise<KV>) {
  if (subjectSecret === undefined) return undefined;
  const secret = deriveSubjectSecret(subjectSecret.reveal());
  return { secret, keyOf: subjectKeys({ open, secret, newId: uuidv7 }) };
}

/** Takes the policies that snapshots name, and says which one is in force. */
async function followPolicies(
  config: GatewayConfig,
  around: Surroundings & { readonly snapshots: SnapshotFollower },
  stack: AsyncDisposableStack,
): Promise<{ readonly policies: PolicyFollower; readonly shadow: ShadowJudge }> {
  const { connection, snapshots, clock, logger } = around;
  const open = openBucket(connection);
  const keys = parseBundleKeys(await readFile(config.policyKeysFile, "utf8"));
  const onFailure = ({ entrypoint, rule, cause }: PolicyFailure) =>
    logger.error({ entrypoint, rule, err: cause }, "policy failed");
  const from = { open: open(buckets.policy), keys, clock, logger };
  const policies = stack.use(new PolicyFollower({ ...from, onFailure }));
  const shadow = stack.use(new ShadowJudge(from));
  const stop = snapshots.onChange(({ policy }) => {
    policies.follow(policy);
    shadow.follow(policy?.shadow);
  });
  stack.defer(() => void stop());
  const status = { writer: config.writerId, open: open(buckets.policyStatus), policies, shadow: () => shadow.report() };
  stack.use(startPolicyStatus({ ...status, clock, logger }));
  return { policies, shadow };
}

async function openTrail(config: GatewayConfig, { connection, clock, logger }: Surroundings): Promise<AuditTrail> {
  const { writerId, auditChains, recordTimeoutMs: waitMs } = config;
  const key = await openProcessKey({ ...config, name: writerId });
  const chains = await Promise.all(
    chainNames(writerId, auditChains).map(async (writer) => ({
      writer,
      stream: await natsBlockStream({ connection, writer, key, timeoutMs: waitMs }),
    })),
  );
  return new AuditTrail({ chains, newId: uuidv7, clock, logger, waitMs, maxQueued: maxQueuedRecords });
}

function openBucket(connection: NatsConnection) {
  const manager = new Kvm(connection);
  return (name: Bucket) => () => manager.open(name);
}
