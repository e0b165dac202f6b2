import { jetstream } from "@nats-io/jetstream";
import { canonicalJson, type DecisionRecord } from "@vivified/contracts";
import {
  AuditTrail,
  chainNames,
  createLogger,
  type NatsConnection,
  natsBlockStream,
  systemClock,
  uuidv7,
} from "@vivified/runtime";
import { decisionOf, outcomeOf, testProcessKey } from "@vivified/runtime/audit-fixtures";

/** One way to make the record of a call durable before it goes on. */
export type AuditWay = AsyncDisposable & {
  readonly name: string;
  /** Resolves once the record of one call is durable. */
  readonly record: () => Promise<void>;
};

const logger = createLogger({ process: "bench", level: "silent" });
const waitMs = 10_000;

/** The trail as a gateway has it, with the outcome of each call that nobody waits for. */
export async function trailWay(connection: NatsConnection, chains: number): Promise<AuditWay> {
  const open = async (writer: string) => ({
    writer,
    stream: await natsBlockStream({ connection, writer, key: testProcessKey, timeoutMs: waitMs }),
  });
  const opened = await Promise.all(chainNames(`bench-${chains}`, chains).map(open));
  const trail = new AuditTrail({
    ...{ chains: opened, newId: uuidv7, clock: systemClock, logger },
    ...{ waitMs, maxQueued: 100_000 },
  });
  const record = async () => {
    const decision = freshDecision();
    await trail.record(decision);
    trail.note({ ...outcomeOf(decision.decision_id), timestamp: new Date().toISOString() });
  };
  return { name: `${chains}`, record, [Symbol.asyncDispose]: () => trail[Symbol.asyncDispose]() };
}

/** The floor: a durable publish of the same bytes for each call, and nothing else. */
export function barePublish(connection: NatsConnection): AuditWay {
  const client = jetstream(connection, { timeout: waitMs });
  const record = async () => {
    await client.publish("audit.bare", canonicalJson(freshDecision()));
  };
  return { name: "bare", record, [Symbol.asyncDispose]: async () => {} };
}

function freshDecision(): DecisionRecord {
  return { ...decisionOf(uuidv7()), timestamp: new Date().toISOString() };
}
