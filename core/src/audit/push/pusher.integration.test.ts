import { createLogger } from "@vivified/runtime";
import { Agent } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import { decisionOf } from "../block.fixtures.ts";
import { opaReceiver } from "./opa-receiver.ts";
import { otlpReceiver } from "./otlp-receiver.ts";
import type { PushStore, Refusal } from "./push-store.ts";
import { Pusher } from "./pusher.ts";
import { type Received, type TestReceiver, testReceiver } from "./receiver.fixtures.ts";
import type { Receiver } from "./receiver.ts";

let stack = new AsyncDisposableStack();
afterEach(async () => {
  await stack.disposeAsync();
  stack = new AsyncDisposableStack();
});

/** A log of so many places in memory; places of `holes` have no record. */
function logOf(places: number, holes: readonly number[] = []) {
  const records = Array.from({ length: places }, (_, logIndex) => ({
    logIndex,
    record: decisionOf({ decision_id: `d-${logIndex}`, labels: { number: String(logIndex) } }),
  })).filter(({ logIndex }) => !holes.includes(logIndex));
  const state = { next: 0, refused: [] as Refusal[], mine: true };
  const move = async (next: number) => {
    if (state.mine) state.next = next;
    return state.mine;
  };
  const store: PushStore = {
    claim: async () => (state.mine ? state.next : undefined),
    read: async (from, count) => {
      const end = Math.min(places, from + count);
      return { records: records.filter(({ logIndex }) => logIndex >= from && logIndex < end), end };
    },
    advance: (_, next) => move(next),
    setAside: async (_, refusal) => {
      state.refused.push(refusal);
      return move(refusal.logIndex + 1);
    },
    release: async () => undefined,
    lag: async () => places - state.next,
  };
  return { state, store };
}

type Log = ReturnType<typeof logOf>;

/** Stands still unless a test moves it. */
let nowMs = 0;
const clock = { now: () => new Date(nowMs), monotonicMs: () => nowMs };

function pusherOf({ store }: Log, receiver: Receiver, maxDelayMs = 600) {
  const counted = { pushed: 0, set_aside: 0, failures: 0 };
  const pusher = new Pusher({
    ...{ receiver, store, clock, logger: createLogger({ process: "test", level: "silent" }), maxDelayMs },
    leaseMs: 10_000,
    count: (outcome, records) => {
      counted[outcome] += records;
    },
  });
  stack.use(pusher);
  return { pusher, counted };
}

async function receive(timeoutMs = 5_000) {
  const remote = stack.use(await testReceiver());
  const agent = new Agent();
  stack.defer(() => agent.destroy());
  return { remote, http: { url: new URL(remote.url), dispatcher: agent, timeoutMs } };
}

const numbersOf = ({ json }: Received): number[] =>
  json.map((one: { custom: { log_index: number } }) => one.custom.log_index);
const taken = (remote: TestReceiver) => remote.requests.flatMap(numbersOf);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Turns until the log was pushed. */
async function untilPushed(log: Log, pusher: Pusher): Promise<void> {
  await expect
    .poll(
      async () => {
        nowMs += 1_000;
        await pusher.turn();
        return log.store.lag("any");
      },
      { timeout: 20_000 },
    )
    .toBe(0);
}

const misbehaviours: readonly (readonly [string, TestReceiver["answer"]])[] = [
  ["answers 503", () => ({ status: 503 })],
  ["answers 429", () => ({ status: 429 })],
  ["answers 401, since its token is wrong", () => ({ status: 401 })],
  ["answers 404, since its address is wrong", () => ({ status: 404 })],
  ["sends elsewhere", () => ({ status: 307, headers: { location: "http://127.0.0.1:1/" } })],
  ["hangs up", () => "hang up"],
  ["never answers", () => "never"],
];

describe("pushing the log", () => {
  it("sends every record in order, in gzipped chunks that keep to the limit, over places without a record", async () => {
    const { remote, http } = await receive();
    const log = logOf(1_203, [0, 7, 600, 1_202]);
    const { pusher, counted } = pusherOf(log, opaReceiver(http, 4_096));
    await untilPushed(log, pusher);
    expect(taken(remote)).toEqual(upTo(1_203).filter((index) => ![0, 7, 600, 1_202].includes(index)));
    expect(remote.requests.every(({ bytes, path }) => bytes <= 4_096 && path === "/logs")).toBe(true);
    expect(remote.requests[0]?.headers).toMatchObject({
      "content-type": "application/json",
      "content-encoding": "gzip",
    });
    expect(counted).toEqual({ pushed: 1_199, set_aside: 0, failures: 0 });
  });

  it("sends a record that is larger than the limit alone, and drops nothing of it", async () => {
    const { remote, http } = await receive();
    const log = logOf(3);
    const [, large] = (await log.store.read(0, 3)).records;
    const noise = Array.from({ length: 9_000 }, () => Math.random().toString(36)).join("");
    Object.assign(large?.record ?? {}, { input: { noise } });
    await untilPushed(log, pusherOf(log, opaReceiver(http, 4_096)).pusher);
    expect(remote.requests.map(numbersOf)).toEqual([[0], [1], [2]]);
    expect(remote.requests[1]?.json[0].input).toEqual({ noise });
  });

  it.each(misbehaviours)("loses nothing while the receiver %s", async (_, misbehave) => {
    const { remote, http } = await receive(300);
    const log = logOf(40);
    const { pusher, counted } = pusherOf(log, opaReceiver(http, 32_768));
    remote.answer = misbehave;
    await pusher.turn();
    expect(log.state).toMatchObject({ next: 0, refused: [] });
    expect(counted.failures).toBe(1);
    const before = remote.requests.length;
    await pusher.turn();
    expect(remote.requests.length, "it waits").toBe(before);
    remote.answer = () => ({ status: 204 });
    await untilPushed(log, pusher);
    expect(remote.requests.slice(before).flatMap(numbersOf)).toEqual(upTo(40));
  });

  it("comes back no sooner than the receiver says", async () => {
    const { remote, http } = await receive();
    const log = logOf(1);
    const { pusher } = pusherOf(log, opaReceiver(http, 32_768));
    remote.answer = () => ({ status: 503, headers: { "retry-after": "2" } });
    await pusher.turn();
    remote.answer = () => ({ status: 200 });
    nowMs += 1_999;
    await pusher.turn();
    expect(remote.requests).toHaveLength(1);
    nowMs += 2;
    await pusher.turn();
    expect(remote.requests).toHaveLength(2);
    expect(log.state.next).toBe(1);
  });

  it("finds the records that a receiver refuses for good, sets them aside with why, and sends all others", async () => {
    const { remote, http } = await receive();
    const log = logOf(600);
    const poison = [0, 233, 234, 599];
    const { pusher, counted } = pusherOf(log, opaReceiver(http, 1_000_000));
    remote.answer = (received) => ({ status: numbersOf(received).some((one) => poison.includes(one)) ? 400 : 200 });
    await untilPushed(log, pusher);
    expect(log.state.refused).toEqual(poison.map((logIndex) => ({ logIndex, status: 400, detail: "it answered 400" })));
    const accepted = remote.requests.map(numbersOf).filter((numbers) => !numbers.some((one) => poison.includes(one)));
    expect(accepted.flat()).toEqual(upTo(600).filter((one) => !poison.includes(one)));
    expect(counted).toMatchObject({ pushed: 596, set_aside: 4, failures: 0 });
  });

  it("takes a receiver that refuses everything for a wrong one, and keeps the records for it", async () => {
    const { remote, http } = await receive();
    const log = logOf(300);
    const { pusher, counted } = pusherOf(log, opaReceiver(http, 1_000_000));
    remote.answer = () => ({ status: 422 });
    await pusher.turn();
    expect(log.state).toMatchObject({ next: 10 });
    expect(counted).toMatchObject({ set_aside: 10, failures: 1 });
    remote.answer = () => ({ status: 200 });
    await untilPushed(log, pusher);
    expect(log.state.refused).toHaveLength(10);
  });

  it("sends nothing while somebody else does, and moves nothing when the lease was lost meanwhile", async () => {
    const { remote, http } = await receive();
    const log = logOf(5);
    const { pusher } = pusherOf(log, opaReceiver(http, 32_768));
    log.state.mine = false;
    await pusher.turn();
    expect(remote.requests).toEqual([]);
    log.state.mine = true;
    remote.answer = () => {
      log.state.mine = false;
      return { status: 200 };
    };
    await pusher.turn();
    expect(log.state.next).toBe(0);
  });

  it("narrows a partial success of an OpenTelemetry collector down to the record", async () => {
    const { remote, http } = await receive();
    const log = logOf(9);
    const { pusher } = pusherOf(log, otlpReceiver(http, 1_000_000));
    const bodies = ({ json }: Received): { number: string }[] =>
      json.resourceLogs[0].scopeLogs[0].logRecords.map(
        ({ body }: { body: { stringValue: string } }) => JSON.parse(body.stringValue).labels,
      );
    remote.answer = (received) => {
      const bad = bodies(received).some(({ number }) => number === "4");
      const partialSuccess = { rejectedLogRecords: "1", errorMessage: "too odd" };
      return { status: 200, body: JSON.stringify(bad ? { partialSuccess } : {}) };
    };
    await untilPushed(log, pusher);
    expect(log.state.refused).toEqual([{ logIndex: 4, status: 200, detail: "too odd" }]);
    expect(remote.requests[0]?.path).toBe("/v1/logs");
  });
});
