import { type DecisionRecord, type EgressGrant, pluginSpiffeId, type SnapshotDocument } from "@vivified/contracts";
import type { Svid } from "@vivified/runtime";
import { readTrail } from "@vivified/runtime/audit-fixtures";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openNameServer, openService } from "../lanes/egress/outside.fixtures.ts";
import { outsideService } from "../lanes/egress/outside-service.fixtures.ts";
import { laneDocument, type RunningLanes, runLanes, until } from "../lanes/running-lanes.fixtures.ts";
import type { TargetPlugin } from "../peer/target-plugin.fixtures.ts";
import { snapshotOperation, snapshotPlugin, trustDomain } from "../snapshot/snapshot.fixtures.ts";
import { telling } from "./test-policies.fixtures.ts";

const revisions = ["shipped", "r2", "r3", "r4", "r5", "r6"];
const writers = ["test-gateway", "second-gateway"];
const probe = { probe: "x" };

/** A call, and the revisions that its gateway had when it began and when it was answered, as places in `revisions`. */
type Call = { readonly lane: string; readonly status: number; readonly from: number; readonly to: number };

const stack = new AsyncDisposableStack();
const calls = new Map<string, Call>();
const tookMs: number[] = [];
let lanes: RunningLanes;
let subscriber: TargetPlugin;
let caller: Svid;
let records: DecisionRecord[];

/** Two gateways under a steady load on all lanes, while five policies come one after the other. */
beforeAll(async () => {
  const web = await openService(outsideService({ redirectTo: () => "" }).listener, {}, stack);
  const names = await openNameServer({ "api.example": ["127.0.0.2"] }, stack);
  const document = documentOf(web.port);
  lanes = stack.use(await runLanes(document, { dnsServers: [names.address] }));
  caller = await lanes.authority.issue(pluginSpiffeId(trustDomain, "caller"));
  const second = stack.use(await lanes.startAnother({ writerId: "second-gateway" }));
  subscriber = await lanes.startTarget("target");
  subscriber.answer = () => ({ body: JSON.stringify(probe) });
  const ports = [lanes.port, second.port];
  for (const port of ports) await until(async () => (await runs(port)) === "shipped");
  const closing = new AbortController();
  const load = ports.flatMap((port) => asked(web.port).map((call) => keepCalling(call, port, closing.signal)));
  for (const revision of revisions.slice(1)) await activate(revision, document, ports);
  closing.abort();
  await Promise.all(load);
  await until(() => delivered() >= ofLane("events").length);
  records = (await Promise.all(writers.map((writer) => readTrail(lanes.connection, writer))))
    .flat()
    .filter((record) => record.kind === "decision")
    .filter(({ caller, input }) => caller === "caller" && input !== undefined);
}, 120_000);

afterAll(() => stack.disposeAsync());

it("fails no call on any lane, and loses no event", () => {
  for (const lane of ["rpc", "events", "egress"]) {
    expect(ofLane(lane).length).toBeGreaterThan(revisions.length);
    expect(ofLane(lane).filter(({ status }) => status !== 200)).toEqual([]);
  }
});

it("is in force on both gateways within a second", () => {
  process.stdout.write(`  ${calls.size} calls; activations took ${tookMs.map(Math.round).join(", ")} ms\n`);
  // One process plays both gateways and all callers here, beside whatever else the machine does: one may take longer.
  expect(tookMs.toSorted((one, other) => one - other)[2]).toBeLessThan(1_000);
  expect(Math.max(...tookMs)).toBeLessThan(5_000);
});

it("describes and judges each question by the revision that its record names", () => {
  const seen = new Set(records.map(({ entrypoint, revision }) => `${entrypoint} ${revision}`));
  const entrypoints = ["rpc/invoke", "rpc/reply", "events/publish", "events/deliver", "egress/connect"];
  for (const entrypoint of entrypoints) expect([...seen]).toContain(`${entrypoint} r3`);
  for (const { revision, input, result } of records) {
    const fields = (input?.fields ?? []) as { path: string; traits: string[] }[];
    const probes = fields.filter(({ path }) => path.endsWith("/probe"));
    const expected = revision === "shipped" ? [] : [`t_${revision}`];
    for (const { traits } of probes) expect(traits).toEqual(expected);
    const hashed = revision === "shipped" ? [] : probes;
    expect(result.obligations).toEqual(hashed.map(({ path }) => ({ path, action: "hash" })));
  }
});

it("names in each record a revision that was in force while the call was under way", () => {
  const judged = records.filter(({ entrypoint }) => entrypoint !== "events/deliver");
  expect(judged.length).toBeGreaterThanOrEqual(calls.size);
  for (const { trace_id, revision } of judged) {
    const { from = 0, to = -1 } = calls.get(trace_id) ?? {};
    expect(revisions.slice(from, to + 1)).toContain(revision);
  }
});

function documentOf(port: number): SnapshotDocument {
  const base = laneDocument();
  const own = { plugin: "caller" } as const;
  const outside: Pick<EgressGrant, "schemes" | "methods"> = { schemes: ["http"], methods: ["POST"] };
  const address = { host: "api.example", ports: [port], insecure_address_ranges: ["127.0.0.2/32"] };
  return {
    ...base,
    settings: { ...base.settings, egress_rate_limit: { requests: 100_000, window_ms: 60_000 } },
    plugins: [
      snapshotPlugin("caller", { traits: ["external_service"] }),
      snapshotPlugin("target", {
        operations: [snapshotOperation("look")],
        subscribes: ["Tick"],
        events_path: "/events",
      }),
    ],
    grants: [
      { ...own, id: "g-rpc", kind: "rpc", target: "target", operation: "look" },
      { ...own, id: "g-publish", kind: "publish", event_type: "Tick" },
      { id: "g-subscribe", plugin: "target", kind: "subscribe", event_type: "Tick" },
      { ...own, ...outside, ...address, id: "g-egress", kind: "egress" },
    ],
    event_types: [{ type: "Tick" }],
  };
}

type Asked = readonly [lane: string, path: string, body: object];

const asked = (port: number): Asked[] => [
  ["rpc", "/gateway/target/look", probe],
  ["events", "/events/publish", { event_type: "Tick", payload: probe, source_plugin: "caller" }],
  ["egress", "/proxy", { url: `http://api.example:${port}/`, method: "POST", body: probe }],
];

async function keepCalling([lane, path, body]: Asked, port: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const traceId = crypto.randomUUID().replaceAll("-", "");
    const from = revisions.indexOf(await runs(port));
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    const { status } = await lanes.ask(path, { as: caller, body, headers, port });
    calls.set(traceId, { lane, status, from, to: revisions.indexOf(await runs(port)) });
  }
}

/** From the moment that the snapshot names it until both gateways decide by it. */
async function activate(revision: string, document: SnapshotDocument, ports: readonly number[]): Promise<void> {
  const policy = await lanes.policies.activation(revision, await telling(revision));
  const told = performance.now();
  await lanes.core.publish({ ...document, policy });
  for (const port of ports) await until(async () => (await runs(port)) === revision);
  tookMs.push(performance.now() - told);
  await new Promise((resolve) => setTimeout(resolve, 200));
}

async function runs(port: number): Promise<string> {
  return (await lanes.ask("/health", { as: caller, method: "GET", port })).json.policy?.revision;
}

const ofLane = (lane: string) => [...calls.values()].filter((call) => call.lane === lane);
const delivered = () =>
  new Set(subscriber.received.filter(({ path }) => path === "/events").map(({ headers }) => headers["ce-id"])).size;
