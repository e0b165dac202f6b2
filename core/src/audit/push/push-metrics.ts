import { Counter, Gauge, type Registry } from "prom-client";

/** What is told of pushing: how much waits, how much went, what was refused. `receiver` is `opa` or `otlp`. */
export type PushMetrics = Record<"pushed" | "set_aside" | "failures", Counter<"receiver">>;

export function pushMetrics(
  registry: Registry,
  lags: () => Promise<readonly (readonly [string, number])[]>,
): PushMetrics {
  const registers = [registry];
  const labelNames = ["receiver"] as const;
  new Gauge({
    name: "audit_push_lag_records",
    help: "Records of the log that a receiver has not got yet",
    labelNames,
    registers,
    async collect() {
      for (const [receiver, lag] of await lags().catch(() => [])) this.set({ receiver }, lag);
    },
  });
  const counter = (name: string, help: string) => new Counter({ name, help, labelNames, registers });
  return {
    pushed: counter("audit_push_records_total", "Records that receivers took"),
    set_aside: counter("audit_push_set_aside_total", "Records that receivers refused for good"),
    failures: counter("audit_push_failures_total", "Attempts after which a receiver was left alone for a while"),
  };
}
