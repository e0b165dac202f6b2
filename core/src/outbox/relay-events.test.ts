import { createLogger, newTrace, VivifiedError } from "@vivified/runtime";
import { expect, it } from "vitest";
import type { OutboxStore } from "./outbox-store.ts";
import { PublishRefused } from "./publish-event.ts";
import { relayEvents } from "./relay-events.ts";

/** What becomes of one event that was refused this often, and is now published, or fails once more. */
async function fateOf(failure: Error | undefined, refusals: number): Promise<readonly string[]> {
  const fate: string[] = [];
  const waiting = [{ id: "1", eventType: "UserCreated", payload: {}, trace: newTrace(), attempts: 500, refusals }];
  const note = (what: string) => async () => void fate.push(what);
  const outbox: OutboxStore = {
    add: note("add"),
    claim: async () => waiting.shift(),
    delivered: note("delivered"),
    retryLater: note("retryLater"),
    refused: note("refused"),
    giveUp: note("giveUp"),
    waiting: async () => waiting.length,
  };
  const publish = () => (failure ? Promise.reject(failure) : Promise.resolve());
  await relayEvents({ outbox, publish, logger: createLogger({ process: "test", level: "silent" }) });
  return fate;
}

it("marks an event that was published as delivered", async () => {
  expect(await fateOf(undefined, 69)).toEqual(["delivered"]);
});

it("keeps trying an event through an outage of any length", async () => {
  expect(await fateOf(new VivifiedError("target_unavailable"), 69)).toEqual(["retryLater"]);
});

it("counts refusals, and sets an event aside after the seventieth", async () => {
  expect(await fateOf(new PublishRefused("denied"), 68)).toEqual(["refused"]);
  expect(await fateOf(new PublishRefused("denied"), 69)).toEqual(["giveUp"]);
});
