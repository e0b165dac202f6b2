import type { NdBuiltinCache, Verdict } from "./decision.ts";
import type { JsonObject } from "./json.ts";
import type { KeptPayload } from "./kept-payload.ts";
import type { CoreEntrypoint, Entrypoint, Lane } from "./lanes.ts";

/**
 * The record of one decision: exactly what policy saw and said. Field names follow OPA's decision log where it has one
 * (`decision_id`, `path`, `input`, `result`, `timestamp`, `labels`, `trace_id`). Payload values are never in it.
 */
export type DecisionRecord = {
  readonly kind: "decision";
  readonly decision_id: string;
  /** RFC 3339 with milliseconds, UTC */
  readonly timestamp: string;
  /** `core` and `gateway` are what core and a gateway say of themselves, `mesh` what the control plane says. */
  readonly lane: Lane | "core" | "gateway" | "mesh";
  /**
   * `refused` marks a no that needed no policy (unknown target, rate limit, unsafe address …); `recorded` what core did
   * and wrote down in the same transaction (login, user created, plugin approved …), the control plane, or a gateway.
   */
  readonly entrypoint: Entrypoint | CoreEntrypoint | "refused" | "recorded";
  /** OPA's path of the rule: `vivified/rpc/invoke/decision`; empty for what no policy was asked about. */
  readonly path: string;
  /** Policy revision (see `Decision.revision`) and snapshot revision it was made under. */
  readonly revision: string;
  readonly snapshot: number;
  /** Plugin id, `core`, user id, or for a caller that is nobody the SPIFFE ID of its certificate. */
  readonly caller: string;
  /** `publish`, `deliver`, `invoke`, `reply`, `connect`, `return`, `login`, `POST /admin/users` … */
  readonly action: string;
  /** What it was done to: event type, `plugin.operation`, `scheme://host:port`, route. Never a query or payload. */
  readonly resource: string;
  /** The other side, where there is one: subscriber or target plugin. */
  readonly target?: string;
  readonly input?: JsonObject;
  readonly result: Verdict;
  /** What policy said, when the gateway could not apply it and `result` is a denial instead. */
  readonly policy_result?: Verdict;
  readonly nd_builtin_cache?: NdBuiltinCache;
  readonly trace_id: string;
  /** The decision that this one follows: a reply's invoke, a delivery's publish when known. */
  readonly parent_id?: string;
  /** Keyed digest (HMAC-SHA-256, hex) and size of the payload that was judged. */
  readonly payload_digest?: string;
  readonly payload_bytes?: number;
  /** Names the key of the digest, 16 hex digits; digests under different keys cannot be compared. */
  readonly digest_key?: string;
  /** What `audit/mask` took out of this record, and what it changed: JSON Pointers into it, as in OPA's decision log. */
  readonly erased?: readonly string[];
  readonly masked?: readonly string[];
  /** Fields of the payload that the operator keeps, sealed for their data subject. Absent unless it is told to. */
  readonly kept?: KeptPayload;
  readonly labels: { readonly [name: string]: string };
};

/**
 * What became of a permitted action. Not waited for: a permit without one says nothing about its effect, and core records
 * `audit.outcome_unknown` beside it after ten minutes.
 */
export type OutcomeRecord = {
  readonly kind: "outcome";
  readonly decision_id: string;
  readonly timestamp: string;
  readonly outcome: "done" | "failed" | "withheld" | "unknown";
  /** HTTP or SMTP status where there was one. */
  readonly status?: number;
  /** One of the error codes, when it failed. */
  readonly code?: string;
  readonly duration_ms: number;
  readonly bytes?: number;
};

export type AuditRecord = DecisionRecord | OutcomeRecord;

/**
 * One message of `AUDIT_EVENTS`, canonical JSON (RFC 8785). Blocks of a writer form a chain per epoch: `sequence` counts
 * from 0, `previous` is the hex SHA-256 of the block before (of its bytes as stored). An epoch starts from what the
 * stream really holds: its first block's `previous` is the last block that is there, or 64 zeroes.
 */
export type AuditBlock = {
  readonly version: 1;
  readonly writer: string;
  readonly epoch: string;
  readonly sequence: number;
  readonly previous: string;
  readonly records: readonly AuditRecord[];
};
export const firstBlockPrevious = "0".repeat(64);
