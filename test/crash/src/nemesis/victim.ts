import { setTimeout as sleep } from "node:timers/promises";
import type { Platform, ProcessEvent } from "@vivified/cli";
import { until } from "@vivified/cli";

type Supervised = NonNullable<Platform["processes"]["postgres"]>;

export type Stutter = { readonly forMs: number; readonly restMs: number; readonly strokeMs: number };

const timeoutMs = 120_000;

/** A process that is killed and that the platform's own supervision starts again. */
export class Victim {
  readonly name: string;
  readonly #process: Supervised;
  #readyPid: number | undefined;

  constructor(process: Supervised, onEvent: (listen: (event: ProcessEvent) => void) => void) {
    this.name = process.name;
    this.#process = process;
    onEvent((event) => {
      if (event.type === "ready" && event.process === this.name) this.#readyPid = event.pid;
    });
  }

  /** SIGKILL to it and all that belongs to it. */
  kill(): number {
    const { child } = this.#process;
    child.kill("SIGKILL");
    return child.pid;
  }

  /** Stands still, with its connections open, and goes on. */
  async pause(forMs: number): Promise<void> {
    const { child } = this.#process;
    child.kill("SIGSTOP");
    await sleep(forMs);
    child.kill("SIGCONT");
  }

  /** Works in short strokes between rests, as a process does whose disk takes its time over every fsync. */
  async stutter({ forMs, restMs, strokeMs }: Stutter): Promise<void> {
    const end = performance.now() + forMs;
    while (performance.now() < end) {
      await this.pause(restMs);
      await sleep(strokeMs);
    }
  }

  /** Resolves when another process runs than the one that was killed. @throws Error after two minutes */
  untilStarted(killedPid: number): Promise<true> {
    return this.#until("start", () => this.#process.child.pid !== killedPid);
  }

  /** Resolves when it serves again. @throws Error after two minutes */
  untilReady(killedPid: number): Promise<true> {
    return this.#until("come back", () => {
      const { pid } = this.#process.child;
      return pid !== killedPid && pid === this.#readyPid;
    });
  }

  #until(what: string, holds: () => boolean): Promise<true> {
    return until(`${this.name} did not ${what}`, async () => holds() || undefined, { timeoutMs, everyMs: 20 });
  }
}
