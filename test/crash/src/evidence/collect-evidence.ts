import { setTimeout as sleep } from "node:timers/promises";
import { until } from "@vivified/cli";
import type { CrashPlatform } from "../crash-platform.ts";
import { isAcked, type Order } from "../load/order.ts";
import type { CheckpointWatch } from "./checkpoint-watch.ts";
import { countUntold } from "./count-untold.ts";
import type { Evidence, SeenLog } from "./evidence.ts";
import { asking, readKept, readPosition } from "./read-kept.ts";
import { connectKeepers, isDelivered, type Keepers, lastBlock, readBlocks, readEvents } from "./read-streams.ts";

type Collecting = {
  readonly crashed: CrashPlatform;
  readonly watch: CheckpointWatch;
  readonly orders: readonly Order[];
};

/** JetStream gives what a killed gateway had in hand to another one after thirty seconds. */
const deliveredWithinMs = 90_000;
const signedWithinMs = 120_000;
const toldWithinMs = 60_000;
const quietWithinMs = 120_000;
const quietMs = 1_500;

/** Waits until everything that was promised has arrived and core has taken all blocks in, then reads everything. */
export async function collectEvidence(collecting: Collecting): Promise<Evidence> {
  const { crashed, watch, orders } = collecting;
  await using stack = new AsyncDisposableStack();
  const keepers = await connectKeepers(crashed.platform, stack);
  await untilDelivered(collecting, keepers);
  await untilQuiet(crashed, keepers);
  await untilTold(crashed);
  await untilQuiet(crashed, keepers);
  const [blocks, events] = await Promise.all([readBlocks(keepers), readEvents(keepers)]);
  const kept = await readKept(crashed.platform);
  const log = await untilSigned(watch, kept.logSize);
  return { orders, blocks, events, kept, log, effects: await crashed.effects() };
}

/** What stays undelivered is a finding of the invariants, not of this one. */
async function untilDelivered({ crashed, orders }: Collecting, keepers: Keepers): Promise<void> {
  const { users } = await readKept(crashed.platform);
  const acked = orders.filter((order) => order.kind === "publish" && isAcked(order)).map(({ op }) => op);
  const promised = new Set([...acked, ...users.map(({ username }) => username)]);
  const arrived = async () => {
    const delivered = new Set((await crashed.effects()).flatMap(({ sink, op }) => (sink === "delivery" ? op : [])));
    return (promised.isSubsetOf(delivered) && (await isDelivered(keepers))) || undefined;
  };
  await until("not delivered", arrived, { timeoutMs: deliveredWithinMs, everyMs: 500 }).catch(() => undefined);
}

/** Every permit has an outcome, or core's word that nobody told one. What stays is a finding of the invariants. */
async function untilTold({ platform }: CrashPlatform): Promise<void> {
  const told = async () => (await asking(platform, countUntold)) === 0 || undefined;
  await until("not told", told, { timeoutMs: toldWithinMs, everyMs: 500 }).catch(() => undefined);
}

/** A checkpoint covers everything. */
async function untilSigned(watch: CheckpointWatch, size: number): Promise<SeenLog> {
  const signed = async () => (await watch.look()) >= size || undefined;
  await until(`the log was not signed up to ${size}`, signed, { timeoutMs: signedWithinMs, everyMs: 200 });
  return watch.read(size);
}

/** Core has read to the end of the stream, and nobody writes any more. */
async function untilQuiet({ platform }: CrashPlatform, keepers: Keepers): Promise<void> {
  const quiet = async () => {
    const before = await lastBlock(keepers);
    await sleep(quietMs);
    return ((await lastBlock(keepers)) === before && (await readPosition(platform)) === before) || undefined;
  };
  await until("core did not take in every block", quiet, { timeoutMs: quietWithinMs });
}
