import type { AuditBlock, DecisionRecord, OutcomeRecord } from "@vivified/contracts";
import type { Order } from "../load/order.ts";
import type { Effect } from "../sinks/effect-log.ts";

/** A block as the audit stream holds it. `storedMs` is when JetStream took it, before it was on disk. */
export type StoredBlock = {
  readonly streamSequence: number;
  readonly writer: string;
  /** Hex SHA-256 of the bytes as stored. */
  readonly hash: string;
  readonly storedMs: number;
  readonly block: AuditBlock;
};

export type StoredEvent = { readonly eventId: string; readonly type: string; readonly source: string };

/** Where a record stands: in which block, and as which one of the whole log, counted from 0. */
export type Place = { readonly streamSequence: number; readonly logIndex: number };

/** A record as PostgreSQL keeps it. */
export type KeptRecord<Kind> = { readonly record: Kind; readonly place: Place | undefined };

export type Kept = {
  readonly decisions: readonly KeptRecord<DecisionRecord>[];
  readonly outcomes: readonly KeptRecord<OutcomeRecord>[];
  /** Blocks that core found at fault. */
  readonly faults: readonly string[];
  /** Users that orders made. */
  readonly users: readonly { readonly id: string; readonly username: string }[];
  /** Where core has come to in the stream, and how many records that makes. */
  readonly position: number;
  readonly logSize: number;
};

/** What auditors get of the log: every checkpoint that was published while the harness looked, and the entries at the end. */
export type SeenLog = {
  /** The log's verifier key (vkey). */
  readonly vkey: string;
  readonly checkpoints: readonly string[];
  readonly entries: readonly string[];
};

/** Everything that was seen of a run, from inside and from outside. */
export type Evidence = {
  readonly orders: readonly Order[];
  readonly effects: readonly Effect[];
  readonly blocks: readonly StoredBlock[];
  readonly events: readonly StoredEvent[];
  readonly kept: Kept;
  readonly log: SeenLog;
};

/** What must not be. `ids` are the operations, decisions, events or blocks that show it. */
export type Violation = { readonly invariant: string; readonly says: string; readonly ids: readonly string[] };
