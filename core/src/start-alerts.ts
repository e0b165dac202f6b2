import { Worker } from "@vivified/runtime";
import { openChannels } from "./alerts/channels/open-channels.ts";
import { deliverNotices } from "./alerts/deliver-notices.ts";
import { auditUnavailable } from "./alerts/rules/audit-unavailable.ts";
import { checkpointLate } from "./alerts/rules/checkpoint-late.ts";
import { denialsSpike } from "./alerts/rules/denials-spike.ts";
import { floorRelaxed } from "./alerts/rules/floor-relaxed.ts";
import { joinTokenReused } from "./alerts/rules/join-token-reused.ts";
import { loginLockout } from "./alerts/rules/login-lockout.ts";
import { retentionLate } from "./alerts/rules/retention-late.ts";
import { undeliveredAlerts } from "./alerts/rules/undelivered-alerts.ts";
import { verificationFailed } from "./alerts/rules/verification-failed.ts";
import { watchRules } from "./alerts/watch-rules.ts";
import { pushedTo } from "./audit/push/index.ts";
import type { Foundation } from "./foundation.ts";
import { overdueMonths } from "./retention/overdue-months.ts";

const dayMs = 86_400_000;

/** Watches over the rules, and tells what they find over the channels that are configured. */
export async function startAlerts(
  foundation: Foundation,
  receivers: readonly string[],
  stack: AsyncDisposableStack,
): Promise<void> {
  const { config, clock, logger, bell } = foundation;
  const channels = await openChannels(config, { clock, stack });
  const delivering = { ...foundation, channels, deadAfterMs: config.alertDeadAfterMs };
  const deliver = () => deliverNotices(delivering);
  const delivery = stack.use(new Worker({ name: "alert delivery", work: deliver, everyMs: 1_000, logger }));
  bell.onRing(() => delivery.wake());
  const watching = { ...foundation, rules: rulesOf(foundation, receivers), repeatMs: config.alertRepeatMs };
  const watch = () => watchRules(watching);
  stack.use(new Worker({ name: "alert rules", work: watch, everyMs: config.alertIntervalMs, logger }));
}

function rulesOf({ db, clock, stores, config }: Foundation, receivers: readonly string[]) {
  const thresholds = {
    windowMs: config.alertDenialsWindowMs,
    baselineMs: config.alertDenialsBaselineMs,
    factor: config.alertDenialsFactor,
    minimum: config.alertDenialsMinimum,
  };
  return [
    denialsSpike({ db, clock, thresholds }),
    floorRelaxed(stores, clock),
    verificationFailed(db, clock),
    checkpointLate({ db, clock, lateMs: config.alertCheckpointLateMs }),
    loginLockout(db, clock),
    joinTokenReused(db, clock),
    auditUnavailable(db, clock),
    undeliveredAlerts(db, clock),
    retentionLate({
      ...{ clock, overdue: () => overdueMonths({ db, clock, keepMs: config.auditRetentionDays * dayMs }) },
      pushed: () => pushedTo(db, receivers),
    }),
  ];
}
