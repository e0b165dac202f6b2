import { execFile, spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";

/** What a short command printed, both streams together, or undefined when it cannot be run or fails. */
export function answerOf(command, args, { timeoutMs = 10_000 } = {}) {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: timeoutMs }, (error, stdout, stderr) => {
      resolve(error ? undefined : `${stdout}${stderr}`);
    });
  });
}

/** A command that failed: which, how, and the end of what it said. */
export class CommandFailure extends Error {
  constructor(command, args, how, said) {
    super(`${[command, ...args].join(" ")} ${how}`);
    this.said = said;
  }
}

/**
 * Runs a long command with its output going to a log file. Told to stop meanwhile, we take it along, and at once: `npm ci`
 * takes a polite signal as a wish and goes on, into what the next set-up has begun. What is half made is made anew.
 *
 * @throws CommandFailure when it cannot be started or exits with anything but 0
 */
export async function runLogged(command, args, { log, cwd, env }) {
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, "a");
  writeSync(file, `\n$ ${[command, ...args].join(" ")}\n`);
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", file, file], detached: true });
  const takeAlong = () => endGroup(child.pid);
  process.once("exit", takeAlong);
  const how = await ended(child);
  process.off("exit", takeAlong);
  closeSync(file);
  if (how !== undefined) throw new CommandFailure(command, args, how, tellingLines(readFileSync(log, "utf8")));
}

function endGroup(leader) {
  try {
    if (leader !== undefined) process.kill(-leader, "SIGKILL");
  } catch {
    // gone already
  }
}

/** How a child went wrong, or undefined when it did not. */
function ended(child) {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    child.once("close", (code, signal) => resolve(code === 0 ? undefined : `ended with ${signal ?? code}`));
  });
}

/** The first lines that speak of an error (npm goes on with its manual), else the last ones. */
function tellingLines(text, most = 10) {
  const lines = text.trimEnd().split("\n");
  const errors = lines.filter((line) => /\berror\b *\S/i.test(line));
  return (errors.length > 0 ? errors.slice(0, most) : lines.slice(-most)).join("\n");
}
