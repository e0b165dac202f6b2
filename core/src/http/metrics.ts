import type { HttpServer } from "@vivified/runtime";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** What core counts. Labels are few and come from the code, never from a request. */
export type Metrics = {
  readonly registry: Registry;
  readonly blocksIngested: Counter;
  readonly chainFaults: Counter<"fault">;
  readonly requests: Counter<"status">;
  readonly unrecordedRefusals: Counter<"rule">;
};

export function createMetrics(outboxWaiting: () => Promise<number>): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: "core_outbox_waiting",
    help: "Events that wait to be published",
    registers,
    async collect() {
      this.set(await outboxWaiting().catch(() => Number.NaN));
    },
  });
  return {
    registry,
    blocksIngested: new Counter({ name: "audit_blocks_ingested_total", help: "Decision blocks taken in", registers }),
    chainFaults: new Counter({
      name: "audit_chain_faults_total",
      help: "Blocks that did not fit into their writer's chain",
      labelNames: ["fault"],
      registers,
    }),
    requests: new Counter({
      name: "core_requests_total",
      help: "Requests answered",
      labelNames: ["status"],
      registers,
    }),
    unrecordedRefusals: new Counter({
      name: "core_unrecorded_refusals_total",
      help: "Refusals that anybody can cause, and that a minute had no room to record",
      labelNames: ["rule"],
      registers,
    }),
  };
}

/** `GET /metrics` in Prometheus text format, and the count of answers by status. */
export function metricsRoutes(server: HttpServer, { registry, requests }: Metrics): void {
  server.addHook("onResponse", async (_, reply) => {
    requests.inc({ status: String(reply.statusCode) });
  });
  server.get("/metrics", { schema: { hide: true } }, async (_, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}
