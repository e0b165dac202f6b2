import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { auditEventsStream } from "@vivified/contracts";
import { type NatsConnection, provisionNats } from "@vivified/runtime";
import { startTestNats } from "@vivified/runtime/nats-fixtures";
import { afterAll, beforeAll, expect, it } from "vitest";
import { lastBlock } from "./last-block.nats.ts";

const stack = new AsyncDisposableStack();
let nats: NatsConnection;

beforeAll(async () => {
  nats = stack.use(await stack.use(await startTestNats()).connect());
  await provisionNats(nats);
});
afterAll(() => stack.disposeAsync());

const publish = async (subject: string) => (await jetstream(nats).publish(subject, "{}")).seq;
const purge = async (seq: number) => (await jetstreamManager(nats)).streams.purge(auditEventsStream.name, { seq });

it("is the last block, whatever lies behind it, and what came before once all blocks are purged", async () => {
  expect(await lastBlock(nats)).toBe(0);
  await publish("audit.blocks.gateway-1-0");
  const last = await publish("audit.blocks.gateway-2-0");
  expect(await lastBlock(nats)).toBe(last);
  const junk = await publish("audit.of-no-writer");
  expect(await lastBlock(nats)).toBe(last);
  await purge(last + 1);
  expect(await lastBlock(nats)).toBe(last);
  await purge(junk + 1);
  expect(await lastBlock(nats)).toBe(junk);
});
