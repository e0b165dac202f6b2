import { spawn } from "node:child_process";
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { coreThat, rowOf } from "../decisions/core.fixtures.ts";
import { openTail, says } from "../decisions/tail/tail.fixtures.ts";

const main = join(import.meta.dirname, "../main.ts");

/** Runs a command, reads a little of what it says and closes the pipe, as `head` does; how it ended. */
async function cutOff(answer: RequestListener, ...args: readonly string[]) {
  await using core = await coreThat(answer);
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
  const child = spawn(process.execPath, [main, ...args, ...core.at], { env, stdio: ["ignore", "pipe", "pipe"] });
  let err = "";
  child.stderr.on("data", (piece) => (err += piece));
  child.stdout.once("data", () => child.stdout.destroy());
  const [code] = await once(child, "exit");
  return { code, err, asked: core.asked.length };
}

/** As many pages as anybody asks for. */
const endless: RequestListener = (_, reply) =>
  void reply.end(JSON.stringify({ decisions: Array.from({ length: 1000 }, (_, at) => rowOf(at)), next: "more" }));

describe("a closed pipe", () => {
  it("ends a search quietly, with 0", async () => {
    const { code, err, asked } = await cutOff(endless, "decisions", "search", "--limit", "1000000");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(asked).toBeLessThan(100); // it does not read on for nobody
  });

  it("ends a tail quietly, with 0, when there is something to say", async () => {
    const tail: RequestListener = (_, reply) => {
      openTail(reply, says.place(0));
      const timer = setInterval(() => reply.write(says.decision(Math.floor(performance.now()))), 20);
      reply.on("close", () => clearInterval(timer));
    };
    expect(await cutOff(tail, "decisions", "tail")).toMatchObject({ code: 0, err: "" });
  });

  it("ends an export quietly, with 2: it is not whole", async () => {
    const lines: RequestListener = (_, reply) => {
      const timer = setInterval(() => reply.write("x".repeat(100_000)), 5);
      reply.on("close", () => clearInterval(timer));
    };
    expect(await cutOff(lines, "audit", "export", "-o", "-")).toMatchObject({ code: 2, err: "" });
  });
});
