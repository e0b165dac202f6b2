import { spawn } from "node:child_process";
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { tailEvent, tailHeartbeat } from "@vivified/contracts";
import { rowOf } from "../core.fixtures.ts";

const main = join(import.meta.dirname, "../../main.ts");

/** `vivified decisions tail …` while it runs. */
export function startTail(...args: readonly string[]) {
  const env = { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined };
  const child = spawn(process.execPath, [main, "decisions", "tail", ...args], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (piece) => (out += piece));
  child.stderr.on("data", (piece) => (err += piece));
  const closed = once(child, "close").then(([code]) => code as number | null);
  return {
    out: () => out,
    err: () => err,
    /** How it ended; the output is whole then. */
    ended: closed,
    end: (signal: NodeJS.Signals = "SIGINT") => {
      child.kill(signal);
      return closed;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}

/** What a tail sends: how far the log has come, and decisions of that number at that place. */
export const says = {
  place: tailHeartbeat,
  decision: (place: number) => tailEvent(place, rowOf(place)),
};

/** Begins to answer as core's tail does. */
export function openTail(reply: ServerResponse, ...pieces: readonly string[]): void {
  reply.writeHead(200, { "content-type": "text/event-stream" });
  for (const piece of pieces) reply.write(piece);
}
