import { Gauge, type Registry } from "prom-client";

/** How many months are still there although their time is over; none while retention does its work. */
export function retentionMetrics(registry: Registry, overdue: () => Promise<readonly string[]>): void {
  new Gauge({
    name: "audit_retention_overdue_months",
    help: "Months of the audit trail that are beyond retention and still there",
    registers: [registry],
    async collect() {
      this.set((await overdue().catch(() => [])).length);
    },
  });
}
