import type { KV } from "@nats-io/kv";
import { type GatewayPolicyStatus, policyStatusKey, type ShadowReport } from "@vivified/contracts";
import { type Clock, type Logger, Worker } from "@vivified/runtime";
import type { PolicyFollower } from "./policy-follower.ts";

export type PolicyStatusOptions = {
  readonly writer: string;
  readonly open: () => Promise<KV>;
  readonly policies: Pick<PolicyFollower, "active" | "refused" | "onChange">;
  /** What the candidate would have done so far, while one judges beside. */
  readonly shadow: () => ShadowReport | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
};

/** Often enough that whoever waits for the gateways knows which of them are there. */
const everyMs = 5_000;
const everyMsWithShadow = 1_000;

/** Says in the `POLICY_STATUS` bucket which policy this gateway runs: at every change, and every five seconds. */
export function startPolicyStatus(options: PolicyStatusOptions): AsyncDisposable {
  const { writer, open, policies, shadow, clock, logger } = options;
  let dueMs = 0;
  const work = async () => {
    if (clock.monotonicMs() < dueMs) return;
    const status = JSON.stringify(statusOf(options));
    dueMs = clock.monotonicMs() + (shadow() === undefined ? everyMs : everyMsWithShadow);
    await (await open()).put(policyStatusKey(writer), status);
  };
  const worker = new Worker({ name: "policy status", work, everyMs: 500, logger });
  policies.onChange(() => {
    dueMs = 0;
    worker.wake();
  });
  return worker;
}

function statusOf({ writer, policies, shadow, clock }: PolicyStatusOptions): GatewayPolicyStatus {
  const { active, refused } = policies;
  const report = shadow();
  return {
    writer,
    ...(active && { revision: active.policy.revision }),
    activation: active?.policy.activation ?? 0,
    ...(active && { activated_at: active.at.toISOString(), activation_ms: Math.round(active.tookMs) }),
    ...(refused && { refused }),
    ...(report && { shadow: report }),
    reported_at: clock.now().toISOString(),
  };
}
