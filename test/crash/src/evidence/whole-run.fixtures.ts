import { createHash, generateKeyPairSync } from "node:crypto";
import {
  type AuditBlock,
  type AuditRecord,
  canonicalJson,
  type DecisionRecord,
  firstBlockPrevious,
  logEntry,
  type OutcomeRecord,
} from "@vivified/contracts";
import {
  formatCheckpoint,
  formatVerifierKey,
  leafHash,
  rootOf,
  signatureTypes,
  signNote,
  verifierKeyOf,
} from "@vivified/tlog";
import { newOrder, type Order, type OrderKind } from "../load/order.ts";
import type { Effect } from "../sinks/effect-log.ts";
import type { Evidence, SeenLog, StoredBlock } from "./evidence.ts";

const startMs = Date.parse("2026-11-26T12:00:00Z");

/** A small run in which every claim holds: a call, a request outside, a publish with its delivery, a denial. */
export function wholeRun(): Evidence {
  const [call, web, event] = [yes("rpc", "rpc-1"), yes("http", "http-2"), yes("publish", "publish-3", "e-1")];
  const no: Order = { ...newOrder("rpc", "rpc-4", true), answer: { status: 403, body: {} } };
  const first = [decision("d-call", "rpc/invoke", call), decision("d-web", "egress/connect", web)];
  const second = [
    outcome("d-call"),
    decision("d-publish", "events/publish", event),
    decision("d-no", "rpc/invoke", no, "deny"),
  ];
  const third = [decision("d-deliver", "events/deliver", event), outcome("d-web"), outcome("d-publish")];
  const blocks = chain([first, second, third, [outcome("d-deliver")]]);
  return {
    orders: [call, web, event, no],
    effects: [
      effect("rpc", call, { decisionId: "d-call", atMs: startMs + 5 }),
      effect("http", web, { atMs: startMs + 5 }),
      effect("delivery", event, { decisionId: "d-deliver", eventId: "e-1", atMs: startMs + 300 }),
    ],
    blocks,
    events: [{ eventId: "e-1", type: "WorkflowFailed", source: "load" }],
    kept: { ...keptOf(blocks), faults: [], users: [], position: blocks.length },
    log: logOf(blocks),
  };
}

/** Chains blocks as one gateway does, a tenth of a second apart. */
export function chain(records: readonly (readonly AuditRecord[])[]): StoredBlock[] {
  const blocks: StoredBlock[] = [];
  for (const [sequence, all] of records.entries()) {
    const previous = blocks.at(-1)?.hash ?? firstBlockPrevious;
    const block: AuditBlock = { version: 1, writer: "gateway-1", epoch: "one", sequence, previous, records: all };
    const hash = createHash("sha256").update(canonicalJson(block)).digest("hex");
    const storedMs = startMs + 100 * sequence;
    blocks.push({ streamSequence: sequence + 1, writer: "gateway-1", hash, storedMs, block });
  }
  return blocks;
}

/** What core keeps of these blocks. */
export function keptOf(blocks: readonly StoredBlock[]) {
  const placed = blocks
    .flatMap(({ block, streamSequence }) => block.records.map((record) => ({ record, streamSequence })))
    .map(({ record, streamSequence }, logIndex) => ({ record, place: { streamSequence, logIndex } }));
  return {
    decisions: placed.flatMap(({ record, place }) => (isDecision(record) ? [{ record, place }] : [])),
    outcomes: placed.flatMap(({ record, place }) => (isDecision(record) ? [] : [{ record, place }])),
    logSize: placed.length,
  };
}

const logKeys = generateKeyPairSync("ed25519");
const origin = "vivified.local/audit";

/** The log of these blocks, with one checkpoint. */
export function logOf(blocks: readonly StoredBlock[], { privateKey: key, publicKey } = logKeys): SeenLog {
  const entries = blocks.flatMap(({ block }) => block.records.map(logEntry));
  const checkpoint = formatCheckpoint({
    origin,
    size: entries.length,
    root: rootOf(entries.map(leafHash)),
    extensions: [],
  });
  const vkey = formatVerifierKey(verifierKeyOf(origin, signatureTypes.note, publicKey));
  return { vkey, entries, checkpoints: [signNote(checkpoint, { name: origin, key })] };
}

const isDecision = (record: AuditRecord): record is DecisionRecord => record.kind === "decision";

function yes(kind: OrderKind, op: string, event_id?: string): Order {
  return { ...newOrder(kind, op), answer: { status: 200, body: { ...(event_id && { event_id }) } } };
}

function effect(sink: Effect["sink"], { op }: Order, more: Omit<Effect, "sink" | "op">): Effect {
  return { sink, op, ...more };
}

export function outcome(decision_id: string): OutcomeRecord {
  return { kind: "outcome", decision_id, timestamp: new Date(startMs).toISOString(), outcome: "done", duration_ms: 1 };
}

type Entrypoint = DecisionRecord["entrypoint"];

export function decision(
  id: string,
  entrypoint: Entrypoint,
  order: Order,
  effect: "allow" | "deny" = "allow",
): DecisionRecord {
  return {
    kind: "decision",
    decision_id: id,
    timestamp: new Date(startMs).toISOString(),
    lane: "rpc",
    entrypoint,
    path: `vivified/${entrypoint}/decision`,
    revision: "r",
    snapshot: 1,
    caller: "load",
    action: "invoke",
    resource: "witness.take",
    result: { effect, reasons: [], obligations: [] },
    trace_id: order.traceId,
    labels: {},
  };
}
