import { join } from "node:path";
import { cacheRoot } from "../cache.mjs";
import { CommandFailure } from "../process/command.mjs";

/** Something that set-up could not do; the message is for people: what failed, why, what mends it and where the log is. */
export class SetUpFailure extends Error {}

/** One line when a step begins and one when it is done, on stderr, so that what a command prints stays clean. */
export async function doStep(what, takes, work) {
  const began = Date.now();
  const log = join(cacheRoot(), "logs", `${what.replaceAll(/[^\w.-]+/g, "-")}.${began}.log`);
  say(`· ${what}${takes ? ` (${takes})` : ""}`);
  try {
    await work(log);
  } catch (error) {
    throw new SetUpFailure(describe(what, error, log), { cause: error });
  }
  say(`✓ ${what}: ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

/** Told while another set-up does the same work. */
export function sayWaiting(what) {
  return () => say(`· ${what}: waiting for another set-up that is at it`);
}

export function say(line) {
  process.stderr.write(`${line}\n`);
}

function describe(what, error, log) {
  if (!(error instanceof CommandFailure)) return `✗ ${what}: ${error.message}`;
  return `✗ ${what}: ${error.message}\n${indent(error.said)}\n  log: ${log}`;
}

function indent(text) {
  return text.replaceAll(/^/gm, "    ");
}
