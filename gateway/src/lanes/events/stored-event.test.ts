import { describe, expect, it } from "vitest";
import { parseStoredEvent } from "./stored-event.ts";

const event = {
  event_id: "01980000-0000-7000-8000-000000000000",
  trace_id: "0af7651916cd43dd8448eb211c80319c",
  event_type: "UserCreated",
  timestamp: "2026-11-27T00:00:00.000Z",
  source_plugin: "user-management",
  source: "spiffe://vivified.local/plugin/user-management",
  data_traits: [],
  metadata: {},
  decision_id: "01980000-0000-7000-8000-000000000001",
  payload: { name: "Zoë\t" },
};
const read = (changes: object, text = JSON.stringify({ ...event, ...changes })) => parseStoredEvent(Buffer.from(text));

describe("parseStoredEvent", () => {
  it("reads what a gateway wrote", () => {
    expect(read({})).toMatchObject(event);
  });

  it.each([
    ["a publisher that no index holds", { source_plugin: "\u4e00".repeat(2_000) }],
    ["a publisher of two lines", { source_plugin: "a\nb" }],
    ["a decision that no index holds", { decision_id: "x".repeat(2_000) }],
    ["half a character in its payload", { payload: { name: "\ud800" } }],
  ])("takes for none what has %s: its record would be none either", (_, changes) => {
    expect(read(changes)).toBeUndefined();
  });
});
