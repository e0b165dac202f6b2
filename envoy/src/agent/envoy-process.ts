import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "@vivified/runtime";
import { untilServing } from "./envoy-admin.ts";
import type { EnvoyCommand } from "./envoy-command.ts";

export type EnvoyProcessOptions = {
  readonly command: EnvoyCommand;
  /** Where Envoy works: bootstrap, SDS files, admin socket. */
  readonly directory: string;
  readonly logger: Logger;
};

const firstPauseMs = 250;
const longestPauseMs = 10_000;
/** An Envoy that lived this long had started well; the next crash is a new story. */
const goodLifeMs = 60_000;
const patienceMs = 5_000;

/** Keeps an Envoy running: starts it, starts it again with back-off when it ends, ends it when disposed of. */
export class EnvoyProcess implements AsyncDisposable {
  readonly #options: EnvoyProcessOptions;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #child: ChildProcess | undefined;

  constructor(options: EnvoyProcessOptions) {
    this.#options = options;
    this.#running = this.#keepRunning();
  }

  /** Resolves when Envoy serves the lanes, after however many attempts. */
  untilServing(): Promise<void> {
    return untilServing(this.#options.directory, this.#closing.signal);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#child?.kill("SIGTERM");
    const impatience = setTimeout(() => this.#child?.kill("SIGKILL"), patienceMs);
    await this.#running;
    clearTimeout(impatience);
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#closing;
    for (let pauseMs = firstPauseMs; !signal.aborted; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const startedAt = performance.now();
      const ended = await this.#runOnce();
      if (signal.aborted) return;
      if (performance.now() - startedAt > goodLifeMs) pauseMs = firstPauseMs;
      this.#options.logger.error({ ...ended, pause_ms: pauseMs }, "envoy ended and is started again");
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #runOnce(): Promise<{ code?: unknown; signal?: unknown; err?: unknown }> {
    const { command, directory, logger } = this.#options;
    const child = spawn(command.file, command.args, {
      cwd: directory,
      env: {},
      stdio: ["ignore", "inherit", "inherit"],
    });
    this.#child = child;
    logger.info({ pid: child.pid }, "envoy started");
    try {
      const [code, signal] = await once(child, "exit");
      return { code, signal };
    } catch (err) {
      return { err };
    }
  }
}
