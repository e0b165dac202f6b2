import { createPrivateKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { Kvm } from "@nats-io/kv";
import { buckets } from "@vivified/contracts";
import { closeServer, MinuteBudget } from "@vivified/runtime";
import { sql } from "kysely";
import { boundedRecords, deriveKeyedDigest } from "./audit/index.ts";
import type { CoreConfig } from "./config.ts";
import { type Foundation, layFoundation } from "./foundation.ts";
import type { HealthChecks } from "./http/health-routes.ts";
import { meshServer } from "./http/mesh-server.ts";
import { createMetrics, type Metrics } from "./http/metrics.ts";
import { publicServer } from "./http/public-server.ts";
import { AccessTokens, bootstrapAdmin, GatewayKeys, LoginThrottle, Passwords } from "./identity/index.ts";
import { startAlerts } from "./start-alerts.ts";
import { startAuditPush } from "./start-audit-push.ts";
import { startAuditReading } from "./start-audit-reading.ts";
import { startAuditUntold } from "./start-audit-untold.ts";
import { startAuditUpkeep } from "./start-audit-upkeep.ts";
import { startClocks } from "./start-clocks.ts";
import { startLife } from "./start-life.ts";
import { startOwnBlocks } from "./start-own-blocks.ts";
import { startPolicy } from "./start-policy.ts";
import { startRetention } from "./start-retention.ts";
import { startSubjects } from "./start-subjects.ts";
import { startTransparency } from "./start-transparency.ts";
import { startAuditIngest, startEventRelay, startSnapshotPublisher } from "./start-workers.ts";

/** Where core can be reached. */
export type Core = { readonly publicUrl: string; readonly meshUrl: string };

const minute = 60_000;

/**
 * Builds core in dependency order and starts it; everything that has a lifetime is on the stack.
 *
 * @param busy called every few seconds while the schema is brought up to date
 */
export async function compose(config: CoreConfig, stack: AsyncDisposableStack, busy = () => {}): Promise<Core> {
  const foundation = await layFoundation(config, stack, busy);
  const life = await startLife(foundation, stack);
  const { stores } = foundation;
  const policy = await startPolicy(foundation, stack);
  const people = await peopleParts(foundation, stack);
  if (config.firstAdminPassword !== undefined) {
    await bootstrapAdmin(config.firstAdminPassword, { ...foundation, passwords: people.passwords });
  }
  const subjects = await startSubjects(foundation, stack);
  const metrics = createMetrics(stores.outbox.waiting);
  const { receivers } = await startAuditPush(foundation, metrics, stack);
  startAuditUntold(foundation, stack);
  const ownBlocks = await startOwnBlocks(foundation, stack);
  await startAuditIngest(foundation, { metrics, ingested: () => ownBlocks.wake() }, stack);
  startAuditUpkeep(foundation, stack);
  startEventRelay(foundation, stack);
  const clocks = startClocks(foundation, stack);
  await startAlerts(foundation, { receivers, clocks, gatewayClocks: policy.gatewayClocks }, stack);
  startRetention(foundation, { metrics, receivers, clockTrusted: clocks.trusted }, stack);
  const snapshot = await startSnapshotPublisher({ ...foundation, ...subjects }, stack);
  const log = await startTransparency(foundation, metrics, stack);
  const ready = { snapshot: () => snapshot.ready, policy: () => policy.pdp.ready, audit_log: () => log.auditLog.ready };
  const checks = { ...checksOf(foundation), clock: clocks.trusted, ...ready };
  const joinTokens = () => new Kvm(foundation.nats).open(buckets.joinTokens);
  const platformKey = createPrivateKey(await readFile(config.snapshotKeyFile));
  const deps = {
    ...foundation,
    ...stores,
    ...people,
    ...policy,
    ...log,
    ...startAuditReading(foundation, stack),
    recordBounded: recordingBounded(foundation, metrics),
    ...subjects,
    metrics,
    checks,
    joinTokens,
    platformKey,
    insecureGrants: config.insecureEgressGrants,
  };
  stack.defer(life.stop); // once nothing is served, while workers can still write its record's block
  return listen(config, { mesh: meshServer(deps), people: await publicServer(deps) }, stack);
}

function recordingBounded({ stores, clock, logger }: Foundation, { unrecordedRefusals: unrecorded }: Metrics) {
  return boundedRecords({ stores, budget: new MinuteBudget(clock), logger, unrecorded });
}

async function peopleParts({ config, clock, nats, logger }: Foundation, stack: AsyncDisposableStack) {
  const keyPem = await readFile(config.tokenKeyFile, "utf8");
  const tokens = new AccessTokens({ keyPem, trustDomain: config.trustDomain, clock });
  const gatewayKeys = stack.use(new GatewayKeys(nats, logger));
  return {
    tokens,
    keyedDigest: deriveKeyedDigest(keyPem),
    passwords: new Passwords(),
    perAccount: new LoginThrottle({ failures: 10, windowMs: 5 * minute, keys: 10_000 }, clock),
    perAddress: new LoginThrottle({ failures: 100, windowMs: 5 * minute, keys: 10_000 }, clock),
    publicKeys: async () => [await tokens.jwk(), ...gatewayKeys.current()],
  };
}

function checksOf({ db, nats }: Foundation): HealthChecks {
  return {
    database: async () => (await sql`select 1`.execute(db)).rows.length === 1,
    nats: () => !nats.isClosed() && nats.rtt().then(() => true),
  };
}

type Servers = {
  readonly mesh: ReturnType<typeof meshServer>;
  readonly people: Awaited<ReturnType<typeof publicServer>>;
};

async function listen(config: CoreConfig, { mesh, people }: Servers, stack: AsyncDisposableStack): Promise<Core> {
  const { host, meshPort, publicPort } = config;
  stack.defer(async () => {
    await Promise.all([closeServer(mesh), closeServer(people)]);
  });
  return {
    meshUrl: secureUrl(await mesh.listen({ host, port: meshPort })),
    publicUrl: secureUrl(await people.listen({ host, port: publicPort })),
  };
}

/** Fastify does not know that the server it was given speaks TLS. */
const secureUrl = (address: string): string => address.replace(/^http:/, "https:");
