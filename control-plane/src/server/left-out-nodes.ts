import { type AuditTrail, type Clock, newTrace } from "@vivified/runtime";
import { doneOutcome } from "../done-outcome.ts";
import { meshRecord } from "../mesh-record.ts";
import type { NodeEvent } from "./node-records.ts";

export type LeftOutNodesOptions = {
  readonly trail: Pick<AuditTrail, "enqueue" | "note">;
  /** Places in the trail that are not for records of nodes. */
  readonly leaving: number;
  readonly clock: Pick<Clock, "now">;
  readonly everyMs?: number;
};

const minuteMs = 60_000;
const reason = {
  rule: "mesh.nodes_left_out",
  message: "More happened with Envoys than a minute has records for",
  fix: "look for 'node not recorded' in the control plane's log",
};

/**
 * How many events of nodes have no record of their own, so that the trail says that it does not have all. Told each
 * minute when there were any; while the trail has no room for it they add up. What is left is told at the end, when
 * nobody needs the places of others any more.
 */
export class LeftOutNodes implements AsyncDisposable {
  readonly #options: LeftOutNodesOptions;
  readonly #counts = new Map<NodeEvent["rule"], number>();
  readonly #timer: NodeJS.Timeout;
  #since = "";

  constructor(options: LeftOutNodesOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tell(options.leaving), options.everyMs ?? minuteMs).unref();
  }

  /** One more was left out. */
  add(rule: NodeEvent["rule"]): void {
    if (this.#counts.size === 0) this.#since = this.#options.clock.now().toISOString();
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#tell(0);
  }

  #tell(leaving: number): void {
    if (this.#counts.size === 0) return;
    const { trail } = this.#options;
    const record = this.#record();
    try {
      trail.enqueue(record, { leaving });
    } catch {
      return; // the trail has no room: told with those of the next minutes
    }
    trail.note(doneOutcome(record));
    this.#counts.clear();
  }

  #record() {
    const counts = [...this.#counts].map(([rule, count]) => [rule, String(count)]);
    return meshRecord({
      ...{ entrypoint: "recorded", reason, trace: newTrace(), now: this.#options.clock.now() },
      ...{ caller: "control-plane", action: "record nodes", resource: "nodes" },
      labels: { since: this.#since, ...Object.fromEntries(counts) },
    });
  }
}
