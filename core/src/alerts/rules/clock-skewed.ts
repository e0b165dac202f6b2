import type { Clock } from "@vivified/runtime";
import type { AlertRule, Finding } from "../finding.ts";

/** What a gateway said the time was, and when NATS took it. */
export type GatewayClock = { readonly writer: string; readonly reportedAt: Date; readonly stampedAt: Date };

export type ClockSkewedDeps = {
  readonly clock: Clock;
  /** How far core's clock is ahead of others', by the last comparison. */
  readonly own: () => readonly { readonly other: string; readonly skewMs: number }[];
  readonly gateways: () => readonly GatewayClock[];
  readonly maxSkewMs: number;
};

/** Gateways say every five seconds what time it is; who has been silent for longer than this is gone. */
const goneMs = 60_000;

/** A clock of the platform is wrong: lanes refuse behind it, or core deletes nothing. */
export function clockSkewed(deps: ClockSkewedDeps): AlertRule {
  const look = async () => [...ownFindings(deps), ...gatewayFindings(deps)];
  return { name: "clock_skewed", look, ends: goneMs, all: "the readiness of each gateway" };
}

function ownFindings({ own, clock, maxSkewMs }: ClockSkewedDeps): Finding[] {
  const wrong = own().filter(({ skewMs }) => Math.abs(skewMs) > maxSkewMs);
  return wrong.map(({ other, skewMs }) => findingOf(`core and ${other}`, skewMs, clock.now()));
}

function gatewayFindings({ gateways, clock, maxSkewMs }: ClockSkewedDeps): Finding[] {
  const now = clock.now().getTime();
  return gateways()
    .filter(({ stampedAt }) => now - stampedAt.getTime() < goneMs)
    .map(({ writer, reportedAt, stampedAt }) => ({
      writer,
      stampedAt,
      skewMs: reportedAt.getTime() - stampedAt.getTime(),
    }))
    .filter(({ skewMs }) => Math.abs(skewMs) > maxSkewMs)
    .map(({ writer, stampedAt, skewMs }) => ({ ...findingOf(`gateway ${writer}`, skewMs, stampedAt), anyName: true }));
}

function findingOf(subject: string, skewMs: number, evidenceAt: Date): Finding {
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  const message = `The clocks disagree: ${subject}, ${seconds} seconds ${skewMs > 0 ? "ahead" : "behind"}`;
  const labels = { skew_ms: String(skewMs) };
  return { rule: "clock_skewed", subject, severity: "critical", message, evidenceAt, labels };
}
