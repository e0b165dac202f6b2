import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { startTimeOf } from "../process/process-table.ts";

/** A process group, and who in it to ask first and how. */
export type Watched = {
  readonly pid: number;
  readonly gentle?: { readonly pid: number; readonly signal: NodeJS.Signals };
};

/**
 * Ends what a platform started when the platform's own process dies without a word (SIGKILL, out of memory): a detached
 * process learns of every group over a pipe and acts when the pipe ends. Nothing listed, nothing done.
 */
export class Guard implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #pipe: Writable;

  private constructor() {
    const script = join(import.meta.dirname, "guard-process.mjs");
    this.#process = spawn(process.execPath, [script], { detached: true, stdio: ["pipe", "ignore", "ignore"], env: {} });
    if (this.#process.stdin === null) throw new Error("the guard process has no pipe");
    this.#pipe = this.#process.stdin;
    this.#pipe.on("error", () => undefined); // it was killed: then there is nobody left to tell
    this.#process.unref();
  }

  /**
   * Starts the guard of a home, after the one of a platform that was killed there has finished.
   *
   * @param file remembers which process it is
   */
  static async open(file: string): Promise<Guard> {
    await untilFormerGuardIsGone(file);
    const guard = new Guard();
    const pid = guard.#process.pid ?? 0;
    await writeFile(file, JSON.stringify({ pid, started: await startTimeOf(pid) }), { mode: 0o600 });
    return guard;
  }

  async watch({ pid, gentle }: Watched): Promise<void> {
    const group = { pid, started: await startTimeOf(pid) };
    const asked = gentle && { pid: gentle.pid, started: await startTimeOf(gentle.pid) };
    this.#tell({ watch: { group, gentle: asked, signal: gentle?.signal } });
  }

  forget(pid: number): void {
    this.#tell({ forget: pid });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.ref();
    this.#pipe.end();
    await ended;
  }

  #tell(message: object): void {
    this.#pipe.write(`${JSON.stringify(message)}\n`);
  }
}

/** Two databases on one folder would destroy it, so nothing is started while the last platform's is being stopped. */
async function untilFormerGuardIsGone(file: string): Promise<void> {
  const text = await readFile(file, "utf8").catch(() => "{}");
  const former = JSON.parse(text) as { pid?: number; started?: string };
  if (former.pid === undefined || former.started === undefined) return;
  while ((await startTimeOf(former.pid)) === former.started) await sleep(50);
}
