import { createHash, type KeyObject } from "node:crypto";
import { jetstream } from "@nats-io/jetstream";
import { headers } from "@nats-io/nats-core";
import {
  type AuditBlock,
  type AuditRecord,
  auditBlockPrefix,
  canonicalJson,
  firstBlockPrevious,
} from "@vivified/contracts";
import { blockSignatureHeader, type NatsConnection, processOf, signBlock, uuidv7 } from "@vivified/runtime";
import { testProcessKey } from "@vivified/runtime/audit-fixtures";
import { enrol } from "./enrol.fixtures.ts";

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

export type SignedWith = {
  /** Another key than that of all processes in tests, or no signature at all. */
  readonly key?: KeyObject | "none";
  /** Another text than the block's that was signed. */
  readonly signed?: Uint8Array | string;
};

/** Publishes bytes on the subject of a writer, whatever they are; gives their place in the stream. */
export async function publishBlock(
  nats: NatsConnection,
  writer: string,
  bytes: Uint8Array | string,
  { key = testProcessKey, signed = bytes }: SignedWith = {},
): Promise<number> {
  const header = headers();
  if (key !== "none") header.set(blockSignatureHeader, signBlock(Buffer.from(signed), key));
  return (await jetstream(nats).publish(`${auditBlockPrefix}${writer}`, bytes, { headers: header })).seq;
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

  /** Publishes the next block; `changes` or `signing` make it a bad one. */
  async write(
    records: readonly AuditRecord[],
    changes: Partial<AuditBlock> = {},
    signing: SignedWith = {},
  ): Promise<number> {
    const head = {
      version: 1,
      writer: this.#writer,
      epoch: this.#epoch,
      sequence: this.#sequence,
      previous: this.#previous,
    } as const;
    return this.publish(canonicalJson({ ...head, records, ...changes }), signing);
  }

  async publish(text: string, signing: SignedWith = {}): Promise<number> {
    await enrol(processOf(this.#writer), this.#nats);
    const seq = await publishBlock(this.#nats, this.#writer, text, signing);
    this.#previous = createHash("sha256").update(text).digest("hex");
    this.#sequence += 1;
    return seq;
  }
}
