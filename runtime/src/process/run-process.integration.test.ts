import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";

/** Runs the fixture, sends the signal once it says that it started, and tells how it ended. */
async function run(how: string, signal?: NodeJS.Signals) {
  const script = join(import.meta.dirname, "life.fixtures.ts");
  const child = spawn(process.execPath, [script, how], { stdio: ["ignore", "pipe", "ignore"] });
  if (signal !== undefined) child.stdout.once("data", () => child.kill(signal));
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  return { code, disposed: output.includes("disposed") };
}

describe("runProcess", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("takes everything down on %s and ends well", async (signal) => {
    expect(await run("ready", signal)).toEqual({ code: 0, disposed: true });
  });

  it("can be stopped while it waits for something in order to start", async () => {
    expect(await run("waiting", "SIGTERM")).toEqual({ code: 0, disposed: true });
  });

  it("ends with 1 when it cannot start, and takes down what it had", async () => {
    expect(await run("failing")).toEqual({ code: 1, disposed: true });
  });

  it("ends with 70 after an error that nobody caught", async () => {
    expect((await run("breaking")).code).toBe(70);
  });
});
