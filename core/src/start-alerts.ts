import { openChannels } from "./alerts/channels/open-channels.ts";
import { auditUnavailable } from "./alerts/rules/audit-unavailable.ts";
import { checkpointLate } from "./alerts/rules/checkpoint-late.ts";
import { clockSkewed, type GatewayClock } from "./alerts/rules/clock-skewed.ts";
import { cosignatureLate } from "./alerts/rules/cosignature-late.ts";
import { type DenialsThresholds, denialsSpike } from "./alerts/rules/denials-spike.ts";
import { floorRelaxed } from "./alerts/rules/floor-relaxed.ts";
import { ingestLate } from "./alerts/rules/ingest-late.ts";
import { joinTokenForged, joinTokenReused } from "./alerts/rules/join-tokens.ts";
import { loginLockout } from "./alerts/rules/login-lockout.ts";
import { ownBlocksLate } from "./alerts/rules/own-blocks-late.ts";
import { retentionLate } from "./alerts/rules/retention-late.ts";
import { trailFilling } from "./alerts/rules/trail-filling.ts";
import { undeliveredAlerts } from "./alerts/rules/undelivered-alerts.ts";
import { verificationFailed } from "./alerts/rules/verification-failed.ts";
import { startDelivery } from "./alerts/start-delivery.ts";
import { startRules } from "./alerts/start-rules.ts";
import { lastBlock, ownRecords, streamBytes } from "./audit/index.ts";
import { pushedTo } from "./audit/push/index.ts";
import { Database } from "./database/open-database.ts";
import type { Foundation } from "./foundation.ts";
import { overdueMonths } from "./retention/overdue-months.ts";
import { type CoreClocks, maxClockSkewMs } from "./start-clocks.ts";
import { logStore, parseWitnesses } from "./transparency/index.ts";

const dayMs = 86_400_000;
/** Connections of the rules' own: when their queries are slow, nothing else of core waits for one. */
const rulesAtOnce = 4;
/** How long a rule may be unable to look before that is told. */
const shortestFailureMs = 300_000;

/** What rules look at that other parts of core know. */
export type AlertParts = {
  /** Who the log is pushed to. */
  readonly receivers: readonly string[];
  readonly clocks: CoreClocks;
  readonly gatewayClocks: () => readonly GatewayClock[];
};

/** Watches over the rules, and tells what they find over the channels that are configured. */
export async function startAlerts(
  foundation: Foundation,
  parts: AlertParts,
  stack: AsyncDisposableStack,
): Promise<void> {
  const { config, clock, logger, bell } = foundation;
  const channels = await openChannels(config, { clock, stack });
  const delivering = { ...foundation, channels, deadAfterMs: config.alertDeadAfterMs };
  bell.onRing(startDelivery(delivering, stack));
  const { db } = stack.use(new Database({ url: config.databaseUrl.reveal(), logger, connections: rulesAtOnce }));
  const rules = rulesOf({ ...foundation, db }, parts);
  const [everyMs, repeatMs] = [config.alertIntervalMs, config.alertRepeatMs];
  startRules({ ...foundation, rules, everyMs, repeatMs, lateMs: Math.max(shortestFailureMs, 4 * everyMs) }, stack);
}

function rulesOf(foundation: Foundation, { receivers, ...watched }: AlertParts) {
  const { db, clock, stores, config } = foundation;
  return [
    denialsSpike({ db, clock, thresholds: denialsThresholds(config) }),
    floorRelaxed(stores, clock),
    verificationFailed(db, clock),
    checkpointLate({ db, clock, lateMs: config.alertCheckpointLateMs }),
    witnessRule(foundation),
    loginLockout(db, clock),
    joinTokenReused(db, clock),
    joinTokenForged(db, clock),
    auditUnavailable(db, clock),
    undeliveredAlerts(db, clock),
    ...trailRules(foundation, watched),
    retentionRule(foundation, receivers),
  ];
}

function denialsThresholds(config: Foundation["config"]): DenialsThresholds {
  return {
    windowMs: config.alertDenialsWindowMs,
    baselineMs: config.alertDenialsBaselineMs,
    factor: config.alertDenialsFactor,
    minimum: config.alertDenialsMinimum,
  };
}

function witnessRule({ db, clock, config }: Foundation) {
  const witnesses = parseWitnesses(config.auditLogWitnesses).map(({ key }) => key.name);
  return cosignatureLate({ store: logStore(db), witnesses, clock, lateMs: config.alertCheckpointLateMs });
}

function retentionRule({ db, clock, config }: Foundation, receivers: readonly string[]) {
  const overdue = () => overdueMonths({ db, clock, keepMs: config.auditRetentionDays * dayMs });
  return retentionLate({ clock, overdue, pushed: () => pushedTo(db, receivers) });
}

/** Whether the trail gets where it belongs in time, and whose time that is. */
function trailRules({ db, nats, clock, config }: Foundation, { clocks, gatewayClocks }: Omit<AlertParts, "receivers">) {
  const records = ownRecords(db);
  const own = () => clocks.watches.map(({ other, watch }) => ({ other, skewMs: watch.skewMs }));
  const lateMs = config.alertIngestLateMs;
  const oldest = async () => (await records.waiting(1))[0]?.decision_id;
  return [
    clockSkewed({ clock, own, gateways: gatewayClocks, maxSkewMs: maxClockSkewMs }),
    ingestLate({ clock, lateMs, last: () => lastBlock(nats), taken: () => records.takenIn() }),
    ownBlocksLate({ clock, lateMs, oldest }),
    trailFilling({ clock, held: () => streamBytes(nats), roomBytes: config.alertStreamRoomBytes }),
  ];
}
