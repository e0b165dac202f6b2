import type { BundleFault } from "./policy-api.ts";

/** Every failure that can leave the platform: HTTP status, title, and whether the same request may succeed later. */
export type ErrorCode = keyof typeof errorCodes;

export const errorCodes = {
  malformed: { status: 400, title: "The request is malformed", retryable: false },
  duplicate_key: { status: 400, title: "A JSON object names a key twice", retryable: false },
  number_out_of_range: { status: 400, title: "A number cannot be held exactly", retryable: false },
  too_deep: { status: 400, title: "The JSON is nested too deeply", retryable: false },
  too_large: { status: 413, title: "The request is too large", retryable: false },
  unsupported_media_type: { status: 415, title: "The content type is not supported", retryable: false },
  invalid: { status: 422, title: "The request breaks its schema", retryable: false },
  search_too_broad: { status: 422, title: "The search cannot be answered in time", retryable: false },
  unauthenticated: { status: 401, title: "The caller is not authenticated", retryable: false },
  denied: { status: 403, title: "Policy denies this action", retryable: false },
  source_mismatch: { status: 403, title: "The request claims to come from someone else", retryable: false },
  not_found: { status: 404, title: "There is no such thing", retryable: false },
  method_not_allowed: { status: 405, title: "The method is not supported here", retryable: false },
  conflict: { status: 409, title: "The request conflicts with the current state", retryable: false },
  legal_hold: { status: 409, title: "A legal hold keeps this", retryable: false },
  rate_limited: { status: 429, title: "Too many requests", retryable: true },
  internal: { status: 500, title: "Something went wrong", retryable: false },
  target_failed: { status: 502, title: "The target failed", retryable: true },
  upstream_failed: { status: 502, title: "The outside service failed", retryable: true },
  unsafe_address: { status: 403, title: "The destination's address is not allowed", retryable: false },
  unresolvable: { status: 502, title: "The destination's name cannot be resolved", retryable: true },
  reply_withheld: { status: 403, title: "The action was executed and its reply is withheld", retryable: false },
  target_unavailable: { status: 503, title: "The target is not available", retryable: true },
  audit_unavailable: { status: 503, title: "The audit trail cannot be written", retryable: true },
  audit_behind: { status: 503, title: "Records are still being taken in", retryable: true },
  log_inconsistent: { status: 503, title: "The audit log contradicts what was signed", retryable: false },
  snapshot_stale: { status: 503, title: "The gateway has lost touch with core", retryable: true },
  clock_skewed: { status: 503, title: "The gateway's clock cannot be trusted", retryable: true },
  snapshot_missing: { status: 503, title: "The gateway has no configuration yet", retryable: true },
  events_unavailable: { status: 503, title: "The event store cannot be written", retryable: true },
  core_unavailable: { status: 503, title: "Core is not available", retryable: true },
  database_unavailable: { status: 503, title: "The database is not available", retryable: true },
  target_timeout: { status: 504, title: "The target did not answer in time", retryable: true },
  upstream_timeout: { status: 504, title: "The outside service did not answer in time", retryable: true },
  invalid_join_token: { status: 401, title: "The join token is not valid", retryable: false },
  policy_bundle_refused: { status: 422, title: "The policy bundle is not acceptable", retryable: false },
  policy_missing: { status: 503, title: "No policy is in force yet", retryable: true },
  invalid_csr: { status: 400, title: "The certificate request is not acceptable", retryable: false },
  invalid_config: { status: 500, title: "The configuration is not valid", retryable: false },
} as const satisfies Record<string, { status: number; title: string; retryable: boolean }>;

/** A failure or denial as it leaves (RFC 9457, `application/problem+json`). */
export type Problem = {
  /** `urn:vivified:error:<code>` */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail?: string;
  readonly decision_id?: string;
  readonly reasons?: readonly { readonly rule: string; readonly message: string; readonly fix: string }[];
  readonly retryable: boolean;
  readonly trace_id?: string;
  /** True when the action took place although this is a failure (`reply_withheld`). */
  readonly executed?: boolean;
  /** Schema violations, each with where and how to fix it. */
  readonly violations?: readonly { readonly pointer: string; readonly message: string; readonly fix?: string }[];
  /** What is wrong with a policy bundle. */
  readonly fault?: BundleFault;
  /** What the target or outside service answered, where that may be known. */
  readonly upstream_status?: number;
};
export const problemType = (code: ErrorCode): string => `urn:vivified:error:${code}`;
