import { EventEmitter } from "node:events";
import { status } from "@grpc/grpc-js";
import { pluginSpiffeId } from "@vivified/contracts";
import { createLogger, systemClock } from "@vivified/runtime";
import { describe, expect, it } from "vitest";
import { typeUrls } from "../resources/envoy-object.ts";
import { aDocument } from "../snapshot/snapshot.fixtures.ts";
import type { WireNode } from "./ads-messages.ts";
import { AdsStream, type DeltaCall } from "./ads-stream.ts";
import type { NodeEvent } from "./node-records.ts";

const peer = {
  spiffeId: pluginSpiffeId("vivified.local", "newsletter"),
  pluginId: "newsletter",
  expiresAt: new Date(Date.now() + 60_000),
};
const snapshot = { revision: 1, document: aDocument({ newsletter: "active" }) };

function aNode(id: string): WireNode {
  return {
    id,
    metadata: { fields: { mesh_host: { stringValue: "127.0.0.1" }, mesh_port: { numberValue: 9000 } } },
  };
}

/** A stream, how it was ended, and what was recorded of its node. */
function open() {
  const ended: unknown[] = [];
  const recorded: NodeEvent[] = [];
  const call = Object.assign(new EventEmitter(), { write: () => true });
  call.on("error", (error) => ended.push(error));
  const stream = new AdsStream(call as unknown as DeltaCall, peer, {
    snapshot: () => snapshot,
    target: () => new Map(),
    onServing: () => undefined,
    record: (event) => void recorded.push(event),
    counters: { responses: 0, acks: 0, nacks: 0, stale: 0, refusedNodes: 0 },
    clock: systemClock,
    logger: createLogger({ process: "test", level: "silent" }),
  });
  return { stream, ended, recorded };
}

const ask = (node?: WireNode) => ({ type_url: typeUrls.cluster, ...(node && { node }) });

describe("the node of a stream", () => {
  it("is named in the first message, and need not be again", () => {
    const { stream, ended } = open();
    for (const node of [aNode("newsletter~a"), undefined, aNode("newsletter~a")]) stream.receive(ask(node));
    stream.close();
    expect(ended).toEqual([]);
  });

  it("is asked for", () => {
    const { stream, ended } = open();
    stream.receive(ask());
    expect(ended).toMatchObject([{ code: status.PERMISSION_DENIED }]);
  });

  it.each(["newsletter~b", "other~a", "newsletter"])("may not become %s later", (id) => {
    const { stream, ended, recorded } = open();
    stream.receive(ask(aNode("newsletter~a")));
    stream.receive(ask(aNode(id)));
    expect(ended).toMatchObject([{ code: status.PERMISSION_DENIED }]);
    expect(recorded).toEqual([{ rule: "mesh.node_refused", nodeId: id }]);
  });
});
