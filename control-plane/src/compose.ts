import { createPublicKey, type KeyObject } from "node:crypto";
import { readFile } from "node:fs/promises";
import { type KV, Kvm } from "@nats-io/kv";
import { type Bucket, buckets, controlPlaneWriter, type NodeEntry } from "@vivified/contracts";
import {
  AuditTrail,
  type Clock,
  closeServer,
  connectNats,
  createHttpServer,
  createLogger,
  type Logger,
  listBucket,
  MinuteBudget,
  type NatsConnection,
  natsBlockStream,
  openProcessKey,
  type SvidSource,
  systemClock,
  uuidv7,
} from "@vivified/runtime";
import type { Authority } from "./ca/authority.ts";
import { readAuthority } from "./ca/authority-file.ts";
import { natsJoinTokenStore } from "./ca/join-token-store.nats.ts";
import { noteOwnSvid } from "./ca/note-own-svid.ts";
import { openOwnSvid } from "./ca/own-svid.ts";
import { svidRoutes } from "./ca/svid-routes.ts";
import type { ControlPlaneConfig } from "./config.ts";
import { meshSettings } from "./resources/mesh-settings.ts";
import { AdsServer } from "./server/ads-server.ts";
import type { AdsStreamDeps } from "./server/ads-stream.ts";
import type { NodePeer } from "./server/authorize-node.ts";
import { LeftOutNodes } from "./server/left-out-nodes.ts";
import { recordNode } from "./server/node-records.ts";
import { NodeRegistry } from "./server/node-registry.ts";
import { natsNodeStore } from "./server/node-store.nats.ts";
import { resourceEncoder } from "./server/protobuf/encode-resource.ts";
import { loadEnvoyProtos } from "./server/protobuf/envoy-protos.ts";
import { isActive, type MeshNode } from "./snapshot/node-resources.ts";
import { nodeTarget } from "./snapshot/node-target.ts";
import { SnapshotSource } from "./source/snapshot-source.ts";
import { startLife } from "./start-life.ts";

export type ControlPlane = { readonly csrPort: number; readonly xdsPort: number };

type Ground = {
  readonly config: ControlPlaneConfig;
  readonly stack: AsyncDisposableStack;
  readonly authority: Authority;
  readonly svid: SvidSource;
  readonly connection: NatsConnection;
  readonly trail: AuditTrail;
  /** Opens a bucket when it is needed, so that a server that is away delays the work and not the start. */
  readonly bucket: (name: Bucket) => () => Promise<KV>;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** Builds the control plane on the stack and serves. Needs the authority and NATS; neither core nor a snapshot. */
export async function compose(config: ControlPlaneConfig, stack: AsyncDisposableStack): Promise<ControlPlane> {
  const logger = createLogger({ process: "control-plane", level: config.logLevel });
  const clock = systemClock;
  const authority = await readAuthority(config.caDir, config.trustDomain);
  const connection = await connectToNats(config, logger);
  stack.use(connection);
  const trail = stack.use(await openTrail({ config, connection, clock, logger }));
  await startLife(config, { trail, clock, logger }, stack);
  const { trustDomain } = config;
  const onIssued = (issued: OwnIssued) => noteOwnSvid(issued, { trail, clock, trustDomain });
  const own = { authority, name: "control-plane", rules: svidRules(config), onIssued, clock, logger } as const;
  const svid = stack.use(await openOwnSvid(own));
  const manager = new Kvm(connection);
  const bucket = (name: Bucket) => () => manager.open(name);
  const ground = { config, stack, authority, svid, connection, trail, bucket, clock, logger };
  return { xdsPort: await serveAds(ground), csrPort: await serveCsrPort(ground) };
}

type OwnIssued = Parameters<typeof noteOwnSvid>[0];

const recordTimeoutMs = 2_000;
const maxQueuedRecords = 10_000;
/** Places for renewals, which wait for NATS and need them: records of nodes take a quarter of all. */
const placesOfRenewals = 0.75 * maxQueuedRecords;

type TrailGround = Pick<Ground, "config" | "connection" | "clock" | "logger">;

async function openTrail({ config, connection, clock, logger }: TrailGround): Promise<AuditTrail> {
  const writer = controlPlaneWriter;
  const key = await openProcessKey({ ...config, name: writer });
  const stream = await natsBlockStream({ connection, writer, key, timeoutMs: recordTimeoutMs });
  const bounds = { waitMs: recordTimeoutMs, maxQueued: maxQueuedRecords };
  return new AuditTrail({ chains: [{ writer, stream }], newId: uuidv7, clock, logger, ...bounds });
}

function connectToNats({ natsUrl, natsUser, natsPassword }: ControlPlaneConfig, logger: Logger) {
  return connectNats({ url: natsUrl, user: natsUser, password: natsPassword, name: "control-plane", logger });
}

function svidRules({ svidTtlSeconds, processDnsNames }: ControlPlaneConfig) {
  return { ttlSeconds: svidTtlSeconds, processHosts: processDnsNames };
}

async function serveCsrPort({ config, stack, authority, svid, trail, bucket, clock, logger }: Ground): Promise<number> {
  const server = createHttpServer({ logger, tls: { svid, clientCertificates: "optional" } });
  stack.defer(() => closeServer(server));
  const store = natsJoinTokenStore(bucket(buckets.joinTokens));
  const budget = new MinuteBudget(clock);
  const platformKey = await readPlatformKey(config);
  svidRoutes(server, { platformKey, authority, rules: svidRules(config), store, trail, budget, clock, logger });
  const url = await server.listen({ host: config.host, port: config.csrPort });
  return Number(new URL(url).port);
}

async function serveAds(ground: Ground): Promise<number> {
  const { config, stack, svid, logger } = ground;
  const source = stack.use(await openSource(ground));
  const list = async () => (await listBucket(ground.connection, buckets.nodes)).keys;
  const registry = stack.use(new NodeRegistry(natsNodeStore(ground.bucket(buckets.nodes), list), logger));
  const protos = loadEnvoyProtos();
  const stream = streamDeps(ground, { source, registry, encode: resourceEncoder(protos) });
  const { trustDomain, svidTtlSeconds } = config;
  const server = stack.use(new AdsServer({ protos, svid, trustDomain, svidTtlSeconds, stream }));
  source.onChange((snapshot) => {
    server.follow(snapshot);
    registry.keep((pluginId) => isActive(snapshot.document, pluginId));
  });
  return server.listen(config.host, config.xdsPort);
}

/** Signs what core and the installer give out: snapshots, join tokens. */
async function readPlatformKey({ snapshotPublicKeyFile }: ControlPlaneConfig): Promise<KeyObject> {
  return createPublicKey(await readFile(snapshotPublicKeyFile));
}

async function openSource({ config, connection, logger }: Ground): Promise<SnapshotSource> {
  const key = await readPlatformKey(config);
  const { trustDomain } = config;
  return new SnapshotSource({ connection, key, trustDomain, logger });
}

type AdsParts = {
  readonly source: SnapshotSource;
  readonly registry: NodeRegistry;
  readonly encode: ReturnType<typeof resourceEncoder>;
};

function streamDeps(ground: Ground, { source, registry, encode }: AdsParts): AdsStreamDeps {
  const { config, stack, trail, clock, logger } = ground;
  const settings = meshSettings(config);
  const bounds = { trail, leaving: placesOfRenewals, clock };
  const leftOut = stack.use(new LeftOutNodes(bounds));
  const recording = { ...bounds, budget: new MinuteBudget(clock), leftOut, logger };
  return {
    record: (event, peer) => recordNode(event, peer, recording),
    snapshot: () => source.current(),
    target: (snapshot, node) => nodeTarget(snapshot.document, node, { encode, settings }),
    onServing: (node, peer) => registry.announce(nodeEntry(node, peer, clock)),
    counters: { responses: 0, acks: 0, nacks: 0, stale: 0, refusedNodes: 0 },
    clock,
    logger,
  };
}

function nodeEntry({ pluginId, instance, mesh }: MeshNode, { spiffeId }: NodePeer, clock: Clock): NodeEntry {
  const ready_at = clock.now().toISOString();
  return { plugin_id: pluginId, instance, spiffe_id: spiffeId, host: mesh.host, port: mesh.port, ready_at };
}
