import { setTimeout as sleep } from "node:timers/promises";
import { pick, type Random } from "../random.ts";
import type { Victim } from "./victim.ts";

/** What was done to the platform, in words and in kills. */
export type Blow = { readonly says: string; readonly kills: number };

const maxPauseMs = 4_000;
const maxIntoRecoveryMs = 1_500;
const [minStutterMs, maxStutterMs] = [50, 500];
const stutterForMs = 4_000;
const strokeMs = 30;

/**
 * Does harm, as its random numbers say: mostly one kill; a kill while the victim comes back, two at once, a process
 * that stands still for seconds and goes on, or one that is slow, as a slow disk makes it.
 */
export class Nemesis {
  readonly #victims: readonly Victim[];
  readonly #random: Random;

  constructor(victims: readonly Victim[], random: Random) {
    this.#victims = victims;
    this.#random = random;
  }

  /** Strikes once, with `atMost` kills, and resolves when all that it struck serves again. @throws Error when it does not */
  async strike(atMost: number): Promise<Blow> {
    const chance = this.#random();
    const victim = pick(this.#victims, this.#random);
    if (chance < 0.1) return this.#pause(victim);
    if (chance >= 0.9) return this.#stutter(victim);
    if (chance < 0.3 && atMost >= 2) return this.#killInRecovery(victim);
    if (chance < 0.4 && atMost >= 2) return this.#killTwo(victim);
    await victim.untilReady(victim.kill());
    return { says: `${victim.name} killed`, kills: 1 };
  }

  async #pause(victim: Victim): Promise<Blow> {
    const forMs = Math.round(500 + this.#random() * (maxPauseMs - 500));
    await victim.pause(forMs);
    return { says: `${victim.name} stood still for ${forMs} ms`, kills: 0 };
  }

  async #stutter(victim: Victim): Promise<Blow> {
    const restMs = Math.round(minStutterMs + this.#random() * (maxStutterMs - minStutterMs));
    await victim.stutter({ forMs: stutterForMs, restMs, strokeMs });
    return {
      says: `${victim.name} rested ${restMs} ms before every ${strokeMs} ms of work, for ${stutterForMs} ms`,
      kills: 0,
    };
  }

  async #killInRecovery(victim: Victim): Promise<Blow> {
    const afterMs = Math.round(this.#random() * maxIntoRecoveryMs);
    await victim.untilStarted(victim.kill());
    await sleep(afterMs);
    await victim.untilReady(victim.kill());
    return { says: `${victim.name} killed, and again ${afterMs} ms into its recovery`, kills: 2 };
  }

  async #killTwo(victim: Victim): Promise<Blow> {
    const other = pick(
      this.#victims.filter((candidate) => candidate !== victim),
      this.#random,
    );
    const killed = [victim, other].map((one) => ({ one, pid: one.kill() }));
    for (const { one, pid } of killed) await one.untilReady(pid);
    return { says: `${victim.name} and ${other.name} killed at once`, kills: 2 };
  }
}
