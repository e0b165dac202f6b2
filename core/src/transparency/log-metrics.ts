import { Gauge, type Registry } from "prom-client";
import type { LogStore } from "./log-store.ts";

/** Read from the database at every scrape, so that all cores say the same. A checkpoint is late when records wait and the age grows. */
export function logMetrics(registry: Registry, store: LogStore): void {
  const gauge = (name: string, help: string, read: () => Promise<number>) =>
    new Gauge({
      name: `vivified_audit_log_${name}`,
      help,
      registers: [registry],
      async collect() {
        this.set(await read().catch(() => Number.NaN));
      },
    });
  const sizeOf = async () => (await store.newest())?.size ?? 0;
  gauge("signed_records", "Records that the newest checkpoint covers", sizeOf);
  gauge(
    "waiting_records",
    "Records that no checkpoint covers yet",
    async () => (await store.placed()) - (await sizeOf()),
  );
  gauge("consistent", "1, or 0 while the log contradicts what was signed", async () => ((await store.fault()) ? 0 : 1));
  gauge("checkpoint_age_seconds", "Since the newest checkpoint was signed", async () => {
    const newest = await store.newest();
    return newest === undefined ? Number.NaN : (Date.now() - newest.madeAt.getTime()) / 1000;
  });
}
