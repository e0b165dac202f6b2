import { createHash } from "node:crypto";
import { jetstream } from "@nats-io/jetstream";
import {
  type AuditBlock,
  type AuditRecord,
  auditBlockSubject,
  canonicalJson,
  firstBlockPrevious,
} from "@vivified/contracts";
import { type NatsConnection, uuidv7 } from "@vivified/runtime";

/** A decision as a gateway records it; name only what the test is about. */
export function decisionOf(changes: object = {}): AuditRecord {
  return {
    kind: "decision",
    decision_id: uuidv7(),
    timestamp: new Date().toISOString(),
    lane: "rpc",
    entrypoint: "rpc/invoke",
    path: "vivified/rpc/invoke/decision",
    revision: "0123456789abcdef",
    snapshot: 1,
    caller: "workflow-orchestrator",
    action: "invoke",
    resource: "user-management.get_user",
    target: "user-management",
    result: { effect: "allow", reasons: [{ rule: "rpc.granted", message: "Granted", fix: "" }], obligations: [] },
    trace_id: "0af7651916cd43dd8448eb211c80319c",
    labels: {},
    ...changes,
  };
}

export function outcomeOf(decision: AuditRecord, changes: object = {}): AuditRecord {
  const { decision_id } = decision;
  return {
    kind: "outcome",
    decision_id,
    timestamp: new Date().toISOString(),
    outcome: "done",
    status: 200,
    duration_ms: 3,
    ...changes,
  };
}

/** A gateway's side of the audit stream: chains blocks and publishes them. */
export class BlockWriter {
  readonly #nats: NatsConnection;
  readonly #writer: string;
  #epoch = "e1";
  #sequence = 0;
  #previous = firstBlockPrevious;

  constructor(nats: NatsConnection, writer = "gateway-1") {
    this.#nats = nats;
    this.#writer = writer;
  }

  newEpoch(epoch: string): void {
    this.#epoch = epoch;
    this.#sequence = 0;
  }

  /** Publishes the next block; `changes` makes it a bad one. */
  async write(records: readonly AuditRecord[], changes: Partial<AuditBlock> = {}): Promise<number> {
    const head = {
      version: 1,
      writer: this.#writer,
      epoch: this.#epoch,
      sequence: this.#sequence,
      previous: this.#previous,
    } as const;
    return this.publish(canonicalJson({ ...head, records, ...changes }));
  }

  async publish(text: string): Promise<number> {
    const { seq } = await jetstream(this.#nats).publish(auditBlockSubject(this.#writer), text);
    this.#previous = createHash("sha256").update(text).digest("hex");
    this.#sequence += 1;
    return seq;
  }
}
