import { createServer, type Server } from "node:net";
import { jetstreamManager } from "@nats-io/jetstream";
import { type AuditRecord, auditEventsStream } from "@vivified/contracts";
import { readTrail } from "@vivified/runtime/audit-fixtures";
import { mountSmallDisk, type SmallDisk } from "@vivified/runtime/nats-fixtures";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Reply, startTestGateway, type TestGateway } from "./gateway.fixtures.ts";
import type { TargetPlugin } from "./peer/target-plugin.fixtures.ts";
import { snapshotDocument, snapshotOperation, snapshotPlugin } from "./snapshot/snapshot.fixtures.ts";

const event_type = "UserCreated";
const stack = new AsyncDisposableStack();
let disk: SmallDisk;
let outside: Outside;
let gateway: TestGateway;
let people: TargetPlugin;
let workflow: TargetPlugin;

beforeAll(async () => {
  disk = stack.use(await mountSmallDisk(16));
  outside = stack.use(await startOutside());
  gateway = stack.use(
    await startTestGateway({
      snapshot: snapshotOf(outside.port),
      config: { recordTimeoutMs: 1_000, insecureAddressRanges: true },
      nats: { below: disk.directory, jetstream: "max_file_store: 4GB" },
    }),
  );
  people = await gateway.startTarget("people");
  workflow = await gateway.startTarget("workflow");
  await vi.waitFor(async () => expect((await invoke()).status).toBe(200), 20_000);
}, 60_000);
afterAll(() => stack.disposeAsync());

const snapshotOf = (port: number) =>
  snapshotDocument({
    plugins: [
      snapshotPlugin("caller", {
        traits: ["external_service"],
        publishes: [event_type],
      }),
      snapshotPlugin("workflow", {
        traits: ["handles_pii"],
        subscribes: [event_type],
        events_path: "/on-event",
      }),
      snapshotPlugin("people", { operations: [snapshotOperation("get_user")] }),
    ],
    grants: [
      { id: "g1", plugin: "caller", kind: "rpc", target: "people", operation: "get_user" },
      { id: "g2", plugin: "caller", kind: "publish", event_type },
      { id: "g3", plugin: "workflow", kind: "subscribe", event_type },
      {
        ...{ id: "g4", plugin: "caller", kind: "egress", host: "127.0.0.1" },
        ...{ schemes: ["https"], ports: [port], methods: ["GET"] },
        insecure_address_ranges: ["127.0.0.0/8"],
      },
    ],
    event_types: [{ type: event_type }],
  });

type Outside = AsyncDisposable & { readonly port: number; readonly connections: () => number };

/** Something outside that counts who reaches it, and hangs up. */
async function startOutside(): Promise<Outside> {
  let connections = 0;
  const server: Server = createServer((socket) => {
    connections += 1;
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it listens on a port");
  return {
    port: address.port,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}

const invoke = () => gateway.ask("/gateway/people/get_user", { body: {} });
const publish = () =>
  gateway.ask("/events/publish", { body: { event_type, source_plugin: "caller", payload: { user_id: "7" } } });
const goOut = () => gateway.ask("/proxy", { body: { url: `https://127.0.0.1:${outside.port}/`, method: "GET" } });
const health = () => gateway.ask("/health", { method: "GET" });

/** What was reached, on every lane. */
const reached = () => [people.received.length, workflow.received.length, outside.connections()];

/** Calls until the disk takes no more. */
async function invokeUntilRefused(): Promise<readonly Reply[]> {
  const replies: Reply[] = [];
  for (let n = 0; n < 2_000; n += 1) {
    const reply = await invoke();
    replies.push(reply);
    if (reply.json.code === "audit_unavailable") return replies;
  }
  throw new Error("the disk took everything");
}

const idOf = (reply: Reply) => String(reply.headers["x-decision-id"]);
const permitsIn = (records: readonly AuditRecord[]) =>
  records.flatMap((one) => (one.kind === "decision" ? [one.decision_id] : []));

describe("gateway, JetStream's disk full", () => {
  it("refuses on every lane and reaches nothing, and serves again when there is room, with nothing lost", async () => {
    expect((await publish()).status).toBe(200);
    await vi.waitFor(() => expect(workflow.received).toHaveLength(1), 20_000);
    await goOut();
    expect(outside.connections()).toBe(1);

    await disk.fill(150_000);
    const replies = await invokeUntilRefused();
    await vi.waitFor(async () => expect((await health()).json.checks).toMatchObject({ audit: false }), 20_000);
    const before = reached();
    for (const ask of [invoke, publish, goOut, invoke, publish, goOut])
      expect((await ask()).json).toMatchObject({ status: 503, code: "audit_unavailable", retryable: true });
    expect(reached()).toEqual(before);
    const { streams } = await jetstreamManager(gateway.connection);
    expect((await streams.info(auditEventsStream.name)).state.messages).toBeGreaterThan(0); // it can be read

    await disk.clear();
    await gateway.nats.kill(); // nats-server writes nothing after a failed write until it is started again
    await gateway.nats.start();
    await vi.waitFor(async () => expect((await health()).status).toBe(200), 30_000);
    await vi.waitFor(async () => expect((await invoke()).status).toBe(200), 30_000);
    await vi.waitFor(async () => expect((await publish()).status).toBe(200), 30_000);
    await vi.waitFor(() => expect(workflow.received.length).toBeGreaterThan(before[1] ?? 0), 30_000);
    await goOut();
    expect(outside.connections()).toBe(2);

    const permits = permitsIn(await readTrail(gateway.connection, gateway.config.writerId));
    expect(new Set(permits).size).toBe(permits.length);
    const released = replies.filter(({ status }) => status === 200).map(idOf);
    expect(released.length).toBeGreaterThan(5);
    expect(released.filter((id) => !permits.includes(id))).toEqual([]);
    const effects = people.received.map(({ headers }) => String(headers["x-decision-id"]));
    expect(effects.filter((id) => !permits.includes(id))).toEqual([]);
  }, 180_000);
});
