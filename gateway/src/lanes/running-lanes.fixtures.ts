import { jetstreamManager } from "@nats-io/jetstream";
import {
  type AuditBlock,
  type AuditRecord,
  auditEventsStream,
  type DecisionRecord,
  type OutcomeRecord,
  type SnapshotDocument,
} from "@vivified/contracts";
import type { NatsConnection } from "@vivified/runtime";
import type { GatewayConfig } from "../config.ts";
import { type Reply, startTestGateway, type TestGateway } from "../gateway.fixtures.ts";
import { snapshotDocument } from "../snapshot/snapshot.fixtures.ts";

/** A whole gateway whose audit trail a test reads back. */
export type RunningLanes = TestGateway & {
  /** Publishes a snapshot and waits until it is in force. */
  readonly publish: (document: SnapshotDocument) => Promise<void>;
  /** POSTs JSON to a lane with the SVID of a plugin, in a trace of its own. */
  readonly post: (as: string, path: string, body: object, headers?: Record<string, string>) => Promise<Traced>;
  readonly decisions: (traceId?: string) => Promise<readonly DecisionRecord[]>;
  /** What became of a decision; waits for it, since nobody else does. */
  readonly outcome: (decisionId: string) => Promise<OutcomeRecord>;
};
export type Traced = Reply & { readonly traceId: string };

export async function runLanes(document: SnapshotDocument, config: Partial<GatewayConfig> = {}): Promise<RunningLanes> {
  const gateway = await startTestGateway({ snapshot: document, config: { insecureAddressRanges: true, ...config } });
  const { connection } = gateway;
  const lanes: RunningLanes = {
    ...gateway,
    publish: async (next) => inForce(lanes, await gateway.core.publish(next)),
    post: async (as, path, body, headers = {}) => {
      const traceId = crypto.randomUUID().replaceAll("-", "");
      const traced = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, ...headers };
      return { ...(await gateway.ask(path, { as, body, headers: traced })), traceId };
    },
    decisions: async (traceId) => {
      const decisions = (await readRecords(connection)).filter((record) => record.kind === "decision");
      return decisions.filter((record) => traceId === undefined || record.trace_id === traceId);
    },
    outcome: (decisionId) =>
      until(async () => {
        const outcomes = (await readRecords(connection)).filter((record) => record.kind === "outcome");
        return outcomes.find((record) => record.decision_id === decisionId);
      }),
  };
  await inForce(lanes, 1).catch(async (error: unknown) => {
    await gateway[Symbol.asyncDispose]();
    throw error;
  });
  return lanes;
}

/** A snapshot that does not become stale while a test runs. */
export function laneDocument(parts: Partial<SnapshotDocument> = {}): SnapshotDocument {
  const base = snapshotDocument();
  return { ...base, settings: { ...base.settings, max_staleness_ms: 600_000 }, ...parts };
}

/** Asks again until there is an answer that is true, and gives it. */
export async function until<T>(ask: () => Promise<T | undefined> | T | undefined, withinMs = 20_000): Promise<T> {
  const endMs = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > endMs) throw new Error(`nothing came of it within ${withinMs} ms: ${ask}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The refusal of somebody unknown takes no policy, and its record tells the snapshot that is in force. */
async function inForce(lanes: RunningLanes, revision: number): Promise<void> {
  await until(async () => {
    const probe = { event_type: "Probe", payload: {}, source_plugin: "unknown" };
    const { traceId } = await lanes.post("unknown", "/events/publish", probe);
    return (await lanes.decisions(traceId)).some(({ snapshot }) => snapshot >= revision);
  });
}

async function readRecords(connection: NatsConnection): Promise<readonly AuditRecord[]> {
  const manager = await jetstreamManager(connection);
  const { state } = await manager.streams.info(auditEventsStream.name);
  const records: AuditRecord[] = [];
  for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq += 1) {
    const message = await manager.streams.getMessage(auditEventsStream.name, { seq });
    if (message !== null) records.push(...message.json<AuditBlock>().records);
  }
  return records;
}
