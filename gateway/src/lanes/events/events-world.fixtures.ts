import { jetstreamManager } from "@nats-io/jetstream";
import {
  canonicalEventsStream,
  type EventEnvelope,
  type SnapshotDocument,
  type SnapshotPlugin,
} from "@vivified/contracts";
import type { TargetPlugin } from "../../peer/target-plugin.fixtures.ts";
import { snapshotPlugin } from "../../snapshot/snapshot.fixtures.ts";
import { laneDocument, runLanes } from "../running-lanes.fixtures.ts";

export const ada = { user_id: "u-1", email: "ada@example.org" };
export const eventsPath = "/events/vivified";
export const subscriber = (id: string, subscribes: string[], parts: Partial<SnapshotPlugin> = {}) =>
  snapshotPlugin(id, { subscribes, events_path: eventsPath, ...parts });

const userCreated = {
  type: "UserCreated",
  schema: {
    type: "object",
    properties: {
      user_id: { type: "string" },
      email: { type: "string", format: "email", "x-vivified-traits": ["pii"] },
      age: { type: "integer", minimum: 0 },
    },
    required: ["user_id", "email"],
    additionalProperties: false,
  },
};

/** Its note goes whole to nobody but who may receive what is confidential. */
const tick = {
  type: "Tick",
  schema: {
    type: "object",
    properties: { confidential_note: { type: "string", "x-vivified-traits": ["confidential"] } },
  },
};

/** Publishers and subscribers of every standing; `parts` replace what a test is about. */
export function eventsDocument(parts: Partial<SnapshotDocument> = {}): SnapshotDocument {
  const granted = (plugin: string, kind: "publish" | "subscribe", event_type: string) =>
    ({ id: `${plugin}-${kind}-${event_type}`, plugin, kind, event_type }) as const;
  const types = ["UserCreated", "Tick", "PatientDataUpdated", "Slow", "Failing", "Later"];
  return laneDocument({
    plugins: [
      snapshotPlugin("publisher", { traits: ["handles_pii"] }),
      snapshotPlugin("untraited"),
      snapshotPlugin("waiting", { status: "registered" }),
      subscriber("reader", ["UserCreated", "Tick", "Slow", "Failing"], {
        traits: ["handles_pii", "can_receive_confidential"],
      }),
      subscriber("blind", ["UserCreated", "Tick"]),
      subscriber("ungranted", ["Tick"]),
      subscriber("late", ["Later"]),
    ],
    grants: [
      ...types.map((type) => granted("publisher", "publish", type)),
      granted("untraited", "publish", "UserCreated"),
      granted("untraited", "publish", "Tick"),
      ...["UserCreated", "Tick", "Slow", "Failing"].map((type) => granted("reader", "subscribe", type)),
      ...["UserCreated", "Tick"].map((type) => granted("blind", "subscribe", type)),
      granted("late", "subscribe", "Later"),
    ],
    event_types: [userCreated, tick, ...types.slice(2).map((type) => ({ type }))],
    ...parts,
  });
}

export type EventsWorld = Awaited<ReturnType<typeof openEventsWorld>>;
export type Publishing = { readonly as?: string; readonly headers?: Record<string, string>; readonly more?: object };

/** A gateway with publishers and with subscribers that are ready: `reader` sees personal data, `blind` does not. */
export async function openEventsWorld(stack: AsyncDisposableStack) {
  const lanes = stack.use(await runLanes(eventsDocument()));
  const [reader, blind, ungranted] = await Promise.all(
    ["reader", "blind", "ungranted"].map((id) => lanes.startTarget(id)),
  );
  if (reader === undefined || blind === undefined || ungranted === undefined) throw new Error("no targets");
  return {
    lanes,
    reader,
    blind,
    publish: (event_type: string, payload: object, { as = "publisher", headers, more }: Publishing = {}) =>
      lanes.post(as, "/events/publish", { event_type, payload, source_plugin: as, ...more }, headers),
    rulesOf: async (traceId: string, entrypoint?: string) =>
      (await lanes.decisions(traceId))
        .filter((record) => entrypoint === undefined || record.entrypoint === entrypoint)
        .flatMap(({ result }) => result.reasons.map(({ rule }) => rule)),
    /** The event as the store keeps it. */
    stored: async (eventId: string): Promise<EventEnvelope | undefined> => {
      const manager = await jetstreamManager(lanes.connection);
      const { state } = await manager.streams.info(canonicalEventsStream.name);
      for (let seq = Math.max(1, state.first_seq); seq <= state.last_seq; seq += 1) {
        const message = await manager.streams.getMessage(canonicalEventsStream.name, { seq });
        const event = message?.json<EventEnvelope>();
        if (event?.event_id === eventId) return event;
      }
      return undefined;
    },
  };
}

/** The deliveries of one event to one subscriber. */
export function received(target: TargetPlugin, eventId: string) {
  return target.received.filter(({ headers }) => headers["ce-id"] === eventId);
}
