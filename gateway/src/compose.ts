import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { rootCertificates } from "node:tls";
import { Kvm } from "@nats-io/kv";
import { type Bucket, buckets, type JsonObject, processSpiffeId } from "@vivified/contracts";
import { describePayload, openPdp, type Pdp } from "@vivified/pdp";
import {
  type Clock,
  connectNats,
  createHttpServer,
  createLogger,
  type HttpServer,
  type Logger,
  type NatsConnection,
  openSvidSource,
  type SvidSource,
  systemClock,
  uuidv7,
} from "@vivified/runtime";
import { AuditTrail } from "./audit-trail/audit-trail.ts";
import { natsBlockStream } from "./audit-trail/block-stream.nats.ts";
import { makeCallTokens } from "./call-token/call-tokens.ts";
import { KeyDirectory } from "./call-token/key-directory.ts";
import type { GatewayConfig } from "./config.ts";
import { CoreClient } from "./core-routes/core-client.ts";
import { coreRoutes } from "./core-routes/routes.ts";
import { healthRoutes } from "./health-routes.ts";
import { createAddressResolver } from "./lanes/egress/address-resolver.ts";
import { PinnedPools } from "./lanes/egress/http/pinned-pools.ts";
import { egressRoutes } from "./lanes/egress/routes.ts";
import { createRateTokens } from "./lanes/egress/take-rate-token.ts";
import { startDeliveries } from "./lanes/events/deliveries.ts";
import { jetStreamEventStore } from "./lanes/events/event-store.jetstream.ts";
import { eventsRoutes } from "./lanes/events/routes.ts";
import { defaultRetrySchedule } from "./lanes/events/settlement.ts";
import type { LaneDeps } from "./lanes/lane-deps.ts";
import { rpcRoutes } from "./lanes/rpc/routes.ts";
import { schemaChecks } from "./lanes/rpc/schema-checks.ts";
import { MeshPluginClient } from "./peer/mesh-plugin-client.ts";
import { type AskPolicyDeps, askPolicy } from "./pep/ask-policy.ts";
import { decisionRecord, refusalRecord } from "./pep/decision-record.ts";
import { deriveFieldKeys } from "./pep/field-keys.ts";
import { NodeDirectory } from "./snapshot/node-directory.ts";
import { SnapshotFollower } from "./snapshot/snapshot-follower.ts";

export type Gateway = { readonly host: string; readonly port: number };

/** What comes from outside the process; tests bring their own. */
export type Surroundings = {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly svid: SvidSource;
  readonly connection: NatsConnection;
  readonly pdp: Pdp;
};

const version = "0.1.0";
const maxReplyBytes = 1024 * 1024;

/** Opens what the gateway stands on, then builds and serves it. Everything is taken down with the stack. */
export async function compose(config: GatewayConfig, stack: AsyncDisposableStack): Promise<Gateway> {
  const logger = createLogger({ process: "gateway", level: config.logLevel });
  const { trustDomain, controlPlaneUrl, joinTokenFile, stateDir: directory } = config;
  const spiffeId = processSpiffeId(trustDomain, "gateway");
  const svid = stack.use(
    await openSvidSource({ spiffeId, trustDomain, directory, controlPlaneUrl, joinTokenFile, logger }),
  );
  const { natsUrl: url, natsUser: user, natsPassword: password } = config;
  const connection = stack.use(await connectNats({ url, user, password, name: `gateway ${config.writerId}`, logger }));
  const pdp = stack.use(await openPdp({ directory: config.policyDir }));
  return serve(config, { logger, clock: systemClock, svid, connection, pdp }, stack);
}

/** Builds the gateway in its surroundings. Taken down in reverse: no new calls, then their records, then the rest. */
export async function serve(
  config: GatewayConfig,
  around: Surroundings,
  stack: AsyncDisposableStack,
): Promise<Gateway> {
  const { logger, svid, connection } = around;
  const parts = await openParts(config, around, stack);
  const server = createHttpServer({ logger, tls: { svid, clientCertificates: "required" } });
  const lane = laneDeps(config, around, parts);
  const checkSchema = schemaChecks();
  rpcRoutes(server, { ...lane, plugins: parts.plugins, callTokens: parts.callTokens, checkSchema });
  eventsRoutes(server, { ...lane, events: jetStreamEventStore(connection), checkPayload: checkSchema });
  egressRoutes(server, { ...lane, ...egressDeps(config, around, stack) });
  coreRoutes(server, { ...lane, trustDomain: config.trustDomain, core: parts.core });
  healthRoutes(server, { connection, snapshot: lane.snapshot, trail: parts.trail, keys: parts.keys });
  stack.use(startDeliveries({ ...lane, ...deliveryDeps(around, parts) }));
  stack.defer(() => server.close());
  return listen(server, config);
}

type Parts = Awaited<ReturnType<typeof openParts>>;

async function openParts(config: GatewayConfig, around: Surroundings, stack: AsyncDisposableStack) {
  const { logger, clock, svid, connection } = around;
  const { writerId: writer, trustDomain } = config;
  const bucket = openBucket(connection);
  const stream = await natsBlockStream({ connection, writer, timeoutMs: config.recordTimeoutMs });
  const waitMs = config.recordTimeoutMs;
  const trail = stack.use(new AuditTrail({ writer, stream, newId: uuidv7, clock, logger, waitMs, maxQueued: 10_000 }));
  const key = createPublicKey(await readFile(config.snapshotPublicKeyFile, "utf8"));
  const open = bucket(buckets.snapshot);
  const snapshots = stack.use(new SnapshotFollower({ connection, open, key, trustDomain, clock, logger }));
  const nodes = stack.use(new NodeDirectory({ connection, open: bucket(buckets.nodes), logger }));
  const plugins = stack.use(new MeshPluginClient({ svid, nodes, maxReplyBytes, logger }));
  const core = stack.use(new CoreClient({ url: config.coreUrl, svid, trustDomain, timeoutMs: 30_000 }));
  const issuer = processSpiffeId(trustDomain, "gateway");
  const callTokens = await makeCallTokens({ issuer, newId: uuidv7, clock });
  const own = { connection, open: bucket(buckets.signingKeys), writer, own: callTokens.publicKey, logger };
  await KeyDirectory.publish(own);
  const keys = stack.use(new KeyDirectory(own));
  return { trail, snapshots, nodes, plugins, core, callTokens, keys };
}

function deliveryDeps({ connection, logger }: Surroundings, { plugins, callTokens, snapshots }: Parts) {
  const onSnapshot = snapshots.onChange.bind(snapshots);
  return {
    connection,
    logger,
    plugins,
    callTokens,
    onSnapshot,
    retry: defaultRetrySchedule,
    deliveryTimeoutMs: 30_000,
  };
}

function egressDeps(config: GatewayConfig, { clock }: Surroundings, stack: AsyncDisposableStack) {
  const { dnsServers, insecureAddressRanges, upstreamCaFile } = config;
  const ca =
    upstreamCaFile === undefined ? {} : { upstreamCa: [...rootCertificates, readFileSync(upstreamCaFile, "utf8")] };
  return {
    ...ca,
    pools: stack.use(new PinnedPools(ca)),
    resolveHost: createAddressResolver(dnsServers),
    insecureAddressRanges,
    takeRateToken: createRateTokens(clock),
    userAgent: `Vivified-Platform/${version}`,
    egressTimeoutMs: 30_000,
    maxReplyBytes,
  };
}

function laneDeps(config: GatewayConfig, { pdp, clock, logger }: Surroundings, parts: Parts) {
  const { trail, snapshots } = parts;
  const fieldKeys = deriveFieldKeys(config.digestKey.reveal());
  const context = { clock, fieldKeys, labels: { writer: config.writerId } };
  const snapshot = () => snapshots.current();
  const { dictionary, decide } = pdp;
  const describe = (payload: JsonObject, schema: JsonObject | undefined) =>
    describePayload(payload, { schema, dictionary });
  return {
    snapshot,
    clock,
    logger,
    fieldKeys,
    newId: uuidv7,
    revision: () => pdp.revision,
    describe,
    decide: (question) => askPolicy(question, { decide, describe, snapshot }),
    record: (question, judgement) => trail.record(decisionRecord(question, judgement, context)),
    recordRefusal: (refusal, decision) =>
      trail.record(refusalRecord(refusal, decision, { ...context, snapshot: snapshots.revision })),
    recordOutcome: (record) => trail.note(record),
  } satisfies LaneDeps & { logger: Logger; describe: AskPolicyDeps["describe"] };
}

function openBucket(connection: NatsConnection) {
  const manager = new Kvm(connection);
  return (name: Bucket) => () => manager.open(name);
}

async function listen(server: HttpServer, { host, port }: GatewayConfig): Promise<Gateway> {
  await server.listen({ host, port });
  const address = server.server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return { host, port: address.port };
}
