import type { SnapshotSettings } from "@vivified/contracts";
import type { Clock } from "@vivified/runtime";

export type RateLimit = SnapshotSettings["egress_rate_limit"];
export type RateToken = { readonly taken: true } | { readonly taken: false; readonly retryAfterSeconds: number };

/** Takes one token of a plugin, or says how long to wait for the next. */
export type TakeRateToken = (pluginId: string, limit: RateLimit) => RateToken;

/**
 * Sliding window: no more than `requests` in any `window_ms`. It counts in this process, so several gateways allow a
 * plugin as many times the limit.
 */
export function createRateTokens(clock: Clock): TakeRateToken {
  const taken = new Map<string, number[]>();
  return (pluginId, { requests, window_ms }) => {
    const nowMs = clock.monotonicMs();
    const recent = (taken.get(pluginId) ?? []).filter((atMs) => atMs > nowMs - window_ms);
    const free = recent.length < requests;
    taken.set(pluginId, free ? [...recent, nowMs] : recent);
    if (free) return { taken: true };
    const oldestMs = recent.at(-requests) ?? nowMs;
    return { taken: false, retryAfterSeconds: Math.max(1, Math.ceil((oldestMs + window_ms - nowMs) / 1000)) };
  };
}
