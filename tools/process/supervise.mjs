import { spawn } from "node:child_process";
import { constants } from "node:os";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
const sameSignalMs = 1_000;

/**
 * Runs a child in our place: same terminal, our signals passed on, its end is ours. One Ctrl-C reaches us twice under
 * npm (from the terminal and from npm), so a signal that comes again within a second is the same one.
 *
 * @returns the exit code to end with: the child's, or 128 and the number of the signal that ended it
 */
export function supervise(command, args, env) {
  const child = spawn(command, args, { env, stdio: "inherit" });
  const passOn = passSignalsTo(child);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve({ code: signal ? 128 + constants.signals[signal] : code, signal }));
  }).finally(() => {
    for (const signal of signals) process.off(signal, passOn);
  });
}

/** The terminal itself sends SIGINT to the whole foreground group: sending it on would make it two. */
function passSignalsTo(child) {
  const last = {};
  const passOn = (signal) => {
    const again = Date.now() - (last[signal] ?? 0) < sameSignalMs;
    last[signal] = Date.now();
    if (!again && !(signal === "SIGINT" && process.stdin.isTTY)) child.kill(signal);
  };
  for (const signal of signals) process.on(signal, passOn);
  return passOn;
}
