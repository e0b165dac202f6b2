import { generateKeyPairSync } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { AckPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { createInbox, headers } from "@nats-io/nats-core";
import { auditEventsStream, buckets, canonicalEventsStream } from "@vivified/contracts";
import { BlockChain, type NatsConnection, natsBlockStream, uuidv7 } from "@vivified/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NatsWorld, openNatsWorld } from "./nats-world.fixtures.ts";

const events = canonicalEventsStream.name;
const consumer = "subscriber-lab";
const own = `$KV.${buckets.signingKeys}.gateway.gateway-1`;

/** Where somebody with one gateway's password would like to have something said; with what, where it matters. */
const targets: readonly (readonly [string, string])[] = [
  ["audit.blocks.core", "forged"],
  ["audit.blocks.gateway-2-0", "forged"],
  ["$KV.SNAPSHOT.current", "forged"],
  ["$KV.JOIN_TOKENS.forged", "forged"],
  ["$KV.NODES.hr.1", "forged"],
  ["$KV.POLICY_STATUS.gateway.gateway-2", "forged"],
  [`$JS.API.STREAM.PURGE.${auditEventsStream.name}`, "{}"],
  [`$JS.API.STREAM.DELETE.${auditEventsStream.name}`, ""],
];

type Attacker = {
  readonly nats: NatsConnection;
  readonly target: string;
  readonly body: string;
  /** Sends a request whose answer is to go to the target, or elsewhere. */
  readonly ask: (subject: string, body: unknown, reply?: string) => void;
};
type Attack = (attacker: Attacker) => Promise<unknown> | unknown;

const publish = (nats: NatsConnection, subject: string, body: string) => jetstream(nats).publish(subject, body);
const anEvent = (nats: NatsConnection, body = "lab") => publish(nats, "events.canonical.Lab", body);

/** Takes one event, and gives the subject on which it is acknowledged. */
async function taken(nats: NatsConnection, ask: Attacker["ask"]): Promise<string> {
  const inbox = createInbox("_INBOX_gateway");
  const heard = nats.subscribe(inbox, { max: 1, timeout: 5_000 });
  await anEvent(nats);
  ask(`$JS.API.CONSUMER.MSG.NEXT.${events}.${consumer}`, { batch: 1 }, inbox);
  for await (const { reply = "" } of heard) return reply;
  throw new Error("nothing came");
}

const pushing = (target: string, name: string) => ({
  stream_name: events,
  config: { name, durable_name: name, deliver_subject: target, deliver_policy: "all", ack_policy: "none" },
});

let made = 0;
/** Each says where the answer to a request, or a delivery, is to go: a subject that the gateway may not publish on. */
const attacks: readonly (readonly [string, Attack])[] = [
  ["what a stream is", ({ ask }) => ask(`$JS.API.STREAM.INFO.${events}`, "")],
  ["a message of the events", async ({ nats, ask }) => ask(`$JS.API.STREAM.MSG.GET.${events}`, await seqOf(nats))],
  [
    "an own entry, read directly",
    async ({ nats, body, ask }) => {
      await publish(nats, own, body);
      ask(`$JS.API.DIRECT.GET.KV_${buckets.signingKeys}.${own}`, "");
    },
  ],
  [
    "an own entry, read",
    async ({ nats, body, ask }) => {
      await publish(nats, own, body);
      ask(`$JS.API.STREAM.MSG.GET.KV_${buckets.signingKeys}`, { last_by_subj: own });
    },
  ],
  [
    "events that are pulled",
    async ({ nats, body, ask }) => {
      await anEvent(nats, body);
      ask(`$JS.API.CONSUMER.MSG.NEXT.${events}.${consumer}`, { batch: 5, no_wait: true });
    },
  ],
  ["what a consumer is", ({ ask }) => ask(`$JS.API.CONSUMER.INFO.${events}.${consumer}`, "")],
  ["that an event was stored", ({ ask }) => ask("events.canonical.Lab", "lab")],
  ["that an own block was stored", ({ ask }) => ask("audit.blocks.gateway-1-7", "{}")],
  ["that an own entry was stored", ({ ask }) => ask(own, "{}")],
  ["that an event was acknowledged", async ({ nats, ask }) => ask(await taken(nats, ask), "+ACK")],
  ["the next event, for an acknowledgement", async ({ nats, ask }) => ask(await taken(nats, ask), "+NXT")],
  [
    "deliveries of a consumer of its own",
    ({ target, ask }) => {
      made += 1;
      ask(
        `$JS.API.CONSUMER.CREATE.${events}.push-${made}`,
        pushing(target, `push-${made}`),
        createInbox("_INBOX_gateway"),
      );
    },
  ],
  [
    "deliveries of a durable consumer of its own",
    ({ target, ask }) => {
      made += 1;
      const subject = `$JS.API.CONSUMER.DURABLE.CREATE.${events}.push-${made}`;
      ask(subject, pushing(target, `push-${made}`), createInbox("_INBOX_gateway"));
    },
  ],
  [
    "deliveries of a consumer of the audit trail, which an event asks for",
    async ({ nats, target, ask }) => {
      made += 1;
      const asked = { ...pushing(target, `push-${made}`), stream_name: auditEventsStream.name };
      await anEvent(nats, JSON.stringify(asked));
      const reply = `$JS.API.CONSUMER.DURABLE.CREATE.${auditEventsStream.name}.push-${made}`;
      ask(`$JS.API.CONSUMER.MSG.NEXT.${events}.${consumer}`, { batch: 5, no_wait: true }, reply);
    },
  ],
  ["nothing: it is published there", ({ nats, target, body }) => nats.publish(target, body)],
  [
    "a trace of a message",
    ({ nats, target }) => {
      const traced = headers();
      traced.set("Nats-Trace-Dest", target);
      nats.publish("events.canonical.Lab", "lab", { headers: traced });
    },
  ],
];

const refusedAnyway = new Set([
  ...["an own entry, read directly", "the next event, for an acknowledgement", "nothing: it is published there"],
  ...["deliveries of a consumer of its own", "deliveries of a durable consumer of its own"],
  ...["deliveries of a consumer of the audit trail, which an event asks for", "a trace of a message"],
]);

const node = `$KV.${buckets.nodes}.own.1`;
/** The same for the control plane, by what it may ask. */
const attacksOfControlPlane: readonly (readonly [string, Attack])[] = [
  ["what a stream is", ({ ask }) => ask(`$JS.API.STREAM.INFO.${auditEventsStream.name}`, "")],
  [
    "an own entry, read",
    async ({ nats, body, ask }) => {
      await publish(nats, node, body);
      ask(`$JS.API.STREAM.MSG.GET.KV_${buckets.nodes}`, { last_by_subj: node });
    },
  ],
  ["that an own block was stored", ({ ask }) => ask("audit.blocks.control-plane", "{}")],
  ["that an own entry was stored", ({ ask }) => ask(node, "{}")],
];

async function seqOf(nats: NatsConnection): Promise<object> {
  return { seq: (await anEvent(nats)).seq };
}

const changedByRight = new Set([own, node, "audit.blocks.gateway-1-7"]);

/** Everything that the attacker has no right to change: streams, and subjects that are not its own. */
async function state(
  installer: NatsConnection,
  ...allowed: readonly string[]
): Promise<Readonly<Record<string, string>>> {
  const { streams } = await jetstreamManager(installer);
  const found: Record<string, string> = {};
  for (const name of [auditEventsStream.name, ...Object.values(buckets).map((bucket) => `KV_${bucket}`)]) {
    const info = await streams.info(name, { subjects_filter: ">" }).catch(() => undefined);
    found[name] = info === undefined ? "gone" : `${info.state.consumer_count} consumers`;
    for (const subject of Object.keys(info?.state.subjects ?? {})) {
      if (changedByRight.has(subject) || allowed.includes(subject)) continue;
      const last = await streams.getMessage(name, { last_by_subj: subject });
      found[subject] = `${last?.seq} ${last?.string().slice(0, 60)}`;
    }
  }
  return found;
}

async function prepare(world: NatsWorld) {
  const [installer, core, gateway] = [
    await world.connect("installer"),
    await world.connect("core"),
    await world.connect("gateway"),
  ];
  await publish(core, "audit.blocks.core", "genuine");
  await publish(core, "$KV.SNAPSHOT.current", "genuine");
  const keeper = await jetstreamManager(await world.connect("events-installer"));
  const settings = {
    durable_name: consumer,
    ack_policy: AckPolicy.Explicit,
    filter_subjects: ["events.canonical.Lab"],
  };
  await keeper.consumers.add(events, settings);
  const second = await world.connect("gateway-2");
  for (const bucket of [buckets.signingKeys, buckets.policyStatus])
    await publish(second, `$KV.${bucket}.gateway.gateway-2`, "genuine");
  await publish(gateway, own, "first");
  return { installer, gateway };
}

/** `another`: the subject of a block that is neither core's nor the attacker's. */
async function attackAll(nats: NatsConnection, attack: Attack, another: string): Promise<void> {
  for (const [target, body] of [...targets, [another, "forged"] as const]) {
    const ask: Attacker["ask"] = (subject, asked, reply = target) =>
      nats.publish(subject, typeof asked === "string" ? asked : JSON.stringify(asked), { reply });
    await attack({ nats, target, body, ask });
  }
  await nats.flush();
  await delay(300); // what the server does with it, it does by itself
}

describe("somebody with the password of one gateway", () => {
  const stack = new AsyncDisposableStack();
  let installer: NatsConnection;
  let gateway: NatsConnection;
  let controlPlane: NatsConnection;
  let world: NatsWorld;

  beforeAll(async () => {
    world = stack.use(await openNatsWorld());
    ({ installer, gateway } = await prepare(world));
    controlPlane = await world.connect("control-plane");
  });
  afterAll(() => stack.disposeAsync());

  it.each(attacks)("changes nothing that is not that gateway's by having sent elsewhere: %s", async (_, attack) => {
    const before = await state(installer);
    await attackAll(gateway, attack, "audit.blocks.control-plane");
    expect(await state(installer)).toEqual(before);
  });

  it.each(attacksOfControlPlane)("has no more with that of the control plane: %s", async (_, attack) => {
    const blocks = "audit.blocks.control-plane";
    const before = await state(installer, blocks);
    await attackAll(controlPlane, attack, "audit.blocks.gateway-1-0");
    expect(await state(installer, blocks)).toEqual(before);
  });

  it("makes no other's block pass for stored by taking its place's name first", async () => {
    const core = await world.connect("core");
    const { privateKey: key } = generateKeyPairSync("ed25519");
    const stream = await natsBlockStream({ connection: core, writer: "core", key, timeoutMs: 2_000 });
    const chain = new BlockChain({ writer: "core", stream, newId: uuidv7 });
    await chain.recover();
    await chain.append([{ text: '"first"' }]);
    const seen = (await stream.last())?.bytes ?? Buffer.of();
    const { epoch, sequence } = JSON.parse(Buffer.from(seen).toString());
    for (const name of [`core.${epoch}.${sequence + 1}`, `${epoch}.${sequence + 1}`])
      await jetstream(gateway).publish("audit.blocks.gateway-1-7", "junk", { msgID: name });
    await chain.append([{ text: '"second"' }]);
    expect(Buffer.from((await stream.last())?.bytes ?? []).toString()).toContain('"second"');
  });

  it("takes no other gateway's entry away by rolling the bucket up", async () => {
    const before = await state(installer);
    for (const subject of [own, `$KV.${buckets.policyStatus}.gateway.gateway-1`]) {
      const all = headers();
      all.set("Nats-Rollup", "all");
      await expect(jetstream(gateway).publish(subject, "alone", { headers: all })).rejects.toThrow("rollup");
    }
    expect(await state(installer)).toEqual(before);
  });
});

/** What the permissions of a gateway do not refuse by themselves: in one account with everybody, these succeed. */
const heldByAccounts = attacks.filter(([what]) => !refusedAnyway.has(what));

describe("with all users in one account", () => {
  it.each(heldByAccounts)(
    "the same password is enough to destroy the trail or to write there: %s",
    async (_, attack) => {
      await using world = await openNatsWorld({ oneAccount: true });
      const { installer, gateway } = await prepare(world);
      const before = await state(installer);
      await attackAll(gateway, attack, "audit.blocks.control-plane");
      expect(await state(installer)).not.toEqual(before);
    },
  );
});
