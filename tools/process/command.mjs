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
 * Runs a long command with its output going to a log file.
 *
 * @throws CommandFailure when it cannot be started or exits with anything but 0
 */
export function runLogged(command, args, { log, cwd, env }) {
  mkdirSync(dirname(log), { recursive: true });
  const file = openSync(log, "a");
  writeSync(file, `\n$ ${[command, ...args].join(" ")}\n`);
  return new Promise((resolve, reject) => {
    const fail = (how) => reject(new CommandFailure(command, args, how, lastLines(log)));
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", file, file] });
    child.once("error", (error) => fail(`could not be started: ${error.message}`));
    child.once("close", (code, signal) => (code === 0 ? resolve() : fail(`ended with ${signal ?? code}`)));
  }).finally(() => closeSync(file));
}

function lastLines(log, most = 12) {
  return readFileSync(log, "utf8").trimEnd().split("\n").slice(-most).join("\n");
}
