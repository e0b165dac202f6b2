import { readFileSync } from "node:fs";
import { rootCertificates } from "node:tls";
import type { JsonObject } from "@vivified/contracts";
import { describePayload } from "@vivified/pdp";
import { type HttpServer, uuidv7 } from "@vivified/runtime";
import type { GatewayConfig } from "./config.ts";
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
import type { Parts, Surroundings } from "./open-parts.ts";
import { askPolicy, type Described } from "./pep/ask-policy.ts";
import { decisionRecord, refusalRecord } from "./pep/decision-record.ts";
import { deriveFieldKeys } from "./pep/field-keys.ts";
import { maskRecord } from "./pep/mask-record.ts";
import { schemaChecks } from "./pep/schema-checks.ts";
import { sealKept } from "./subjects/seal-kept.ts";

type LanesOf = { readonly config: GatewayConfig; readonly around: Surroundings; readonly parts: Parts };
type SharedDeps = LaneDeps & {
  /** What policy may know of a payload, by the dictionary in force. @throws VivifiedError `policy_missing` 503 */
  readonly describe: (payload: JsonObject, schema: JsonObject | undefined) => Described;
};

/** Puts the three lanes on the server and starts delivering events. */
export function composeLanes(server: HttpServer, of: LanesOf, stack: AsyncDisposableStack): SharedDeps {
  const shared = sharedDeps(of);
  const checkSchema = schemaChecks();
  const { plugins, callTokens } = of.parts;
  rpcRoutes(server, { ...shared, plugins, callTokens, checkSchema });
  composeEvents(server, { ...of, shared, checkSchema }, stack);
  composeEgress(server, { ...of, shared }, stack);
  return shared;
}

type EventsOf = LanesOf & { readonly shared: SharedDeps; readonly checkSchema: ReturnType<typeof schemaChecks> };

function composeEvents(
  server: HttpServer,
  { around, parts, shared, checkSchema }: EventsOf,
  stack: AsyncDisposableStack,
) {
  const { connection } = around;
  const { plugins, callTokens, snapshots } = parts;
  eventsRoutes(server, { ...shared, checkPayload: checkSchema, events: jetStreamEventStore(connection) });
  const onSnapshot = snapshots.onChange.bind(snapshots);
  const delivering = { plugins, callTokens, deliveryTimeoutMs: 30_000, retry: defaultRetrySchedule };
  stack.use(startDeliveries({ ...shared, ...delivering, connection, onSnapshot }));
}

type EgressOf = LanesOf & { readonly shared: SharedDeps };

function composeEgress(server: HttpServer, { config, around, shared }: EgressOf, stack: AsyncDisposableStack) {
  const trusted = upstreamTrust(config);
  egressRoutes(server, {
    ...shared,
    ...trusted,
    pools: stack.use(new PinnedPools(trusted)),
    takeRateToken: createRateTokens(around.clock),
    resolveHost: createAddressResolver(config.dnsServers),
    insecureAddressRanges: config.insecureAddressRanges,
    userAgent: "Vivified-Platform/0.1.0",
    egressTimeoutMs: 30_000,
    maxReplyBytes: 1024 * 1024,
  });
}

/** Roots of one's own are trusted beside those that everybody trusts. */
function upstreamTrust({ upstreamCaFile }: GatewayConfig): { upstreamCa?: string[] } {
  if (upstreamCaFile === undefined) return {};
  return { upstreamCa: [...rootCertificates, readFileSync(upstreamCaFile, "utf8")] };
}

function sharedDeps({ config, around, parts }: LanesOf): SharedDeps {
  const { clock, logger } = around;
  const { trail, snapshots, policies, shadow, subjects } = parts;
  const policy = () => policies.current();
  const fieldKeys = deriveFieldKeys(config.digestKey.reveal());
  const context = { clock, fieldKeys, labels: { writer: config.writerId } };
  const onErased = (decision_id: string, err: unknown) =>
    logger.error({ decision_id, err }, "record kept without values");
  const masking = { policy, fieldKeys, onErased };
  const snapshot = () => snapshots.current();
  const keeping = { settings: () => snapshot().settings.kept_payloads, ...(subjects && { subjects }) };
  const describe: SharedDeps["describe"] = (payload, schema) =>
    describePayload(payload, { schema, dictionary: policy().dictionary });
  return {
    snapshot,
    clock,
    logger,
    fieldKeys,
    describe,
    newId: uuidv7,
    revision: () => policies.active?.policy.revision ?? "",
    decide: async (question) => {
      const judgement = await askPolicy(question, { policy, snapshot });
      shadow.observe({ entrypoint: question.entrypoint, input: judgement.input }, judgement.decision);
      return judgement;
    },
    record: async (question, judgement) => {
      const record = await maskRecord(decisionRecord(question, judgement, context), masking);
      const kept = judgement.concealed ? undefined : await sealKept(record, question.payload, keeping);
      return trail.record(kept === undefined ? record : { ...record, kept });
    },
    recordRefusal: (refusal, decision) =>
      trail.record(refusalRecord(refusal, decision, { ...context, snapshot: snapshots.revision })),
    recordOutcome: (record) => trail.note(record),
  };
}
