import { spawn } from "node:child_process";
import { checkout } from "../pinned.mjs";

/** Runs a command on our terminal. @returns how it ended: its exit code, or the name of the signal */
export function run(command, args, { spawned }) {
  return ended(command, args, { stdio: ["ignore", "inherit", "inherit"] }, spawned);
}

/** Runs a command and keeps what it prints; what it complains about goes to our terminal. */
export async function capture(command, args, { spawned }) {
  const chunks = [];
  const collect = (child) => {
    child.stdout.on("data", (chunk) => chunks.push(chunk));
    spawned(child);
  };
  const end = await ended(command, args, { stdio: ["ignore", "pipe", "inherit"] }, collect);
  return { end, printed: Buffer.concat(chunks).toString("utf8") };
}

/** A check that is one thing: it holds or it does not. */
export async function holds(command, args, options) {
  return (await run(command, args, options)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

function ended(command, args, options, spawned) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, cwd: checkout });
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(signal ?? code));
    spawned(child);
  });
}
