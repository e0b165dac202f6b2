import { setTimeout as sleep } from "node:timers/promises";
import type { Guard } from "../guard/guard.ts";
import { Child, type Command, type Exit } from "./child.ts";
import { lastLines } from "./log-file.ts";

export type ProcessEvent =
  | { readonly type: "started" | "ready"; readonly process: string; readonly pid: number }
  | {
      readonly type: "exited";
      readonly process: string;
      readonly pid: number;
      readonly exit: Exit;
      readonly restartMs: number;
    };

export type SupervisedOptions = {
  readonly guard: Guard;
  readonly command: Command;
  /** Runs before every start, e.g. to write a fresh join token. */
  readonly prepare?: () => Promise<void>;
  /** Resolves when the process serves. It may reject, and is abandoned when the process ends. */
  readonly ready: (child: Child) => Promise<unknown>;
  readonly onEvent?: (event: ProcessEvent) => void;
  /** Half a minute by default, each time that it says something. */
  readonly readyTimeoutMs?: number;
  /** The longest pause before it is started again. Default ten seconds. */
  readonly maxRestartMs?: number;
};

/** What everything shares that one platform keeps running. */
export type Life = Pick<SupervisedOptions, "guard" | "onEvent" | "maxRestartMs">;

const backOff = { firstMs: 250, lastMs: 10_000, forgivenAfterMs: 30_000 };

/**
 * Keeps a process running: one that ends is started again, after a quarter of a second at first and ten seconds at most,
 * doubling while it does not stay up for half a minute.
 */
export class Supervised implements AsyncDisposable {
  readonly #options: SupervisedOptions;
  readonly #stopping = new AbortController();
  #child: Child | undefined;
  #ready = false;
  #life: Promise<void> = Promise.resolve();
  #released: PromiseWithResolvers<void> | undefined;

  private constructor(options: SupervisedOptions) {
    this.#options = options;
  }

  /** @throws Error with the end of its log when the first start fails */
  static async start(options: SupervisedOptions): Promise<Supervised> {
    const supervised = new Supervised(options);
    await supervised.#startOnce();
    supervised.#life = supervised.#keepAlive();
    return supervised;
  }

  get name(): string {
    return this.#options.command.name;
  }

  /** The running process. It is another one after a restart. */
  get child(): Child {
    if (this.#child === undefined) throw new Error(`${this.name} is not running`);
    return this.#child;
  }

  /**
   * An outage: kills the process and keeps it down until what is returned is disposed, which resolves when it serves
   * again. For drills and tests.
   */
  async hold(): Promise<AsyncDisposable> {
    const released = Promise.withResolvers<void>();
    const before = this.child;
    this.#released = released;
    before.kill("SIGKILL");
    await before.exited;
    const release = async () => {
      this.#released = undefined;
      released.resolve();
      while (this.child === before || !this.#ready) await sleep(25);
    };
    return { [Symbol.asyncDispose]: release };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#released?.resolve();
    await this.#child?.[Symbol.asyncDispose]();
    await this.#life;
  }

  async #startOnce(): Promise<void> {
    const { command, guard, prepare } = this.#options;
    await prepare?.();
    if (this.#stopping.signal.aborted) return;
    const child = await Child.start(command, guard);
    if (this.#stopping.signal.aborted) return child[Symbol.asyncDispose]();
    this.#child = child;
    this.#ready = false;
    this.#tell({ type: "started", process: this.name, pid: child.pid });
    try {
      await untilReady(child, this.#options);
    } catch (cause) {
      await child[Symbol.asyncDispose]();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${this.name} did not start: ${reason}\n${await lastLines(command.logFile)}`, { cause });
    }
    this.#ready = true;
    this.#tell({ type: "ready", process: this.name, pid: child.pid });
  }

  async #keepAlive(): Promise<void> {
    let delayMs = backOff.firstMs;
    while (!this.#stopping.signal.aborted) {
      const since = performance.now();
      const exit = await this.child.exited;
      if (this.#stopping.signal.aborted) return;
      delayMs = performance.now() - since > backOff.forgivenAfterMs ? backOff.firstMs : delayMs;
      this.#tell({ type: "exited", process: this.name, pid: this.child.pid, exit, restartMs: delayMs });
      await sleep(delayMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      await this.#released?.promise;
      delayMs = Math.min(delayMs * 2, this.#options.maxRestartMs ?? backOff.lastMs);
      await this.#startOnce().catch(() => undefined); // its exit is what the next round sees
    }
  }

  #tell(event: ProcessEvent): void {
    this.#options.onEvent?.(event);
  }
}

/** A process that says something is not stuck: the time begins anew. */
async function untilReady(child: Child, { ready, readyTimeoutMs = 30_000 }: SupervisedOptions): Promise<void> {
  const late = Promise.withResolvers<never>();
  const tooLate = () => late.reject(new Error(`it was not ready after ${readyTimeoutMs / 1000} s`));
  const timer = setTimeout(tooLate, readyTimeoutMs);
  const goOn = () => void timer.refresh();
  child.process.on("message", goOn);
  const ended = child.exited.then(({ code, signal }) => {
    throw new Error(`it ended with ${signal ?? `code ${code}`}`);
  });
  await Promise.race([ready(child), ended, late.promise]).finally(() => {
    clearTimeout(timer);
    child.process.off("message", goOn);
  });
}

/** For our own processes: they say over IPC when they serve. */
export function readyByMessage(child: Child): Promise<unknown> {
  return new Promise((resolve) => {
    child.process.on("message", (message) => {
      if (typeof message === "object" && message !== null && "ready" in message) resolve(message);
    });
  });
}
