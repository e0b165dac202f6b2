import { expect, it } from "vitest";
import { createLogger } from "../telemetry/logger.ts";
import { Worker } from "./worker.ts";

const logger = createLogger({ process: "test", level: "silent" });
const hour = 3_600_000;
const eventually = { timeout: 20_000 };

it("works again at once when it is woken, also while it works", async () => {
  let turns = 0;
  await using worker = new Worker({
    ...{ name: "test", everyMs: hour, logger },
    work: async () => {
      turns += 1;
      if (turns === 2) worker.wake();
    },
  });
  await expect.poll(() => turns).toBe(1);
  worker.wake();
  await expect.poll(() => turns, eventually).toBe(3);
});

it("rests after a failure although it is woken all the time, and then works again", async () => {
  const startedMs = performance.now();
  const at: number[] = [];
  const work = async () => {
    at.push(performance.now() - startedMs);
    throw new Error("away");
  };
  await using worker = new Worker({ name: "test", everyMs: hour, logger, work });
  const waking = setInterval(() => worker.wake(), 1);
  await expect.poll(() => at.length, eventually).toBe(3);
  clearInterval(waking);
  expect(at[2]).toBeGreaterThan(1_900);
});

it("stops while it rests after a failure", async () => {
  let turns = 0;
  const work = async () => {
    turns += 1;
    throw new Error("away");
  };
  const worker = new Worker({ name: "test", everyMs: hour, logger, work });
  await expect.poll(() => turns).toBe(1);
  await worker[Symbol.asyncDispose]();
  expect(turns).toBe(1);
});
