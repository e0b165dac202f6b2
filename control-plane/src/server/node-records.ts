import type { DecisionRecord, Reason } from "@vivified/contracts";
import { type AuditTrail, type Clock, type Logger, type MinuteBudget, newTrace } from "@vivified/runtime";
import { doneOutcome } from "../done-outcome.ts";
import { meshRecord } from "../mesh-record.ts";
import type { LeftOutNodes } from "./left-out-nodes.ts";

/** Who asks: a plugin by its id, whoever is none by its SPIFFE ID. */
export type NodeCaller = { readonly spiffeId: string; readonly pluginId: string };

/** What happened between the control plane and a plugin's Envoy. */
export type NodeEvent =
  /** It said that it is another's, became another, or said nothing that can be used. */
  | { readonly rule: "mesh.node_refused"; readonly nodeId: string }
  /** It holds its listener as it is to be; told once for a stream. `revision` of the snapshot. */
  | { readonly rule: "mesh.node_serving"; readonly nodeId: string; readonly revision: number }
  /** It does not take what it is to run, and goes on with what it had. `type` is the URL of the resources. */
  | {
      readonly rule: "mesh.configuration_refused";
      readonly nodeId: string;
      readonly revision: number;
      readonly type: string;
      readonly detail: string;
    };

export type NodeRecordsDeps = {
  readonly trail: Pick<AuditTrail, "enqueue" | "note">;
  /** Places in the trail that are not for records of nodes. */
  readonly leaving: number;
  readonly budget: Pick<MinuteBudget, "take">;
  readonly leftOut: Pick<LeftOutNodes, "add">;
  readonly clock: Pick<Clock, "now">;
  readonly logger: Logger;
};

const mostText = 512;

const reasons: Readonly<Record<NodeEvent["rule"], Reason>> = {
  "mesh.node_refused": {
    rule: "mesh.node_refused",
    message: "The node is not the one that its SVID names",
    fix: "find out who has the key of this SVID",
  },
  "mesh.node_serving": { rule: "mesh.node_serving", message: "The Envoy serves what it was told", fix: "" },
  "mesh.configuration_refused": {
    rule: "mesh.configuration_refused",
    message: "The Envoy refuses what it is to run, and runs what it had",
    fix: "look for the detail in the control plane's log",
  },
};

/**
 * Records what becomes of the Envoys of plugins. Nothing waits for it: a no gives nothing away, and what an Envoy holds
 * it holds already. Each rule has 60 of one identity in a minute and 600 in all, so that refusals do not hide who serves,
 * and the trail has room for so many while nothing can be written. What is over stands in the process log, and is counted.
 */
export function recordNode(event: NodeEvent, peer: NodeCaller, deps: NodeRecordsDeps): void {
  const { leaving } = deps;
  const record = recordOf(event, peer, deps.clock.now());
  try {
    deps.budget.take(event.rule, peer.spiffeId);
    deps.trail.enqueue(record, { leaving });
  } catch (err) {
    deps.leftOut.add(event.rule);
    deps.logger.warn({ err, rule: event.rule, spiffe_id: peer.spiffeId }, "node not recorded");
    return;
  }
  if (event.rule === "mesh.node_serving") deps.trail.note(doneOutcome(record));
}

function recordOf(event: NodeEvent, { pluginId, spiffeId }: NodeCaller, now: Date): DecisionRecord {
  const { rule, nodeId, ...rest } = event;
  return meshRecord({
    entrypoint: rule === "mesh.node_serving" ? "recorded" : "refused",
    reason: reasons[rule],
    caller: pluginId,
    action: "fetch configuration",
    resource: spiffeId,
    target: pluginId,
    labels: Object.fromEntries(
      Object.entries({ node: nodeId, ...rest }).map(([name, value]) => [
        name,
        String(value).slice(0, mostText).toWellFormed(),
      ]),
    ),
    ...{ now, trace: newTrace() },
  });
}
