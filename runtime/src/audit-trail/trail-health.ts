import type { Clock } from "../process/clock.ts";

/**
 * Whether blocks can be written, as far as is known. All chains of a trail write into the same stream, so what one of
 * them found out last holds for all.
 */
export class TrailHealth {
  readonly #clock: Pick<Clock, "monotonicMs">;
  #brokenSinceMs: number | undefined;
  #unproven = false;

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
    this.#brokenSinceMs = clock.monotonicMs();
  }

  /** 0 while nothing is known to be broken. */
  get brokenMs(): number {
    return this.#brokenSinceMs === undefined ? 0 : this.#clock.monotonicMs() - this.#brokenSinceMs;
  }

  get writable(): boolean {
    return this.#brokenSinceMs === undefined;
  }

  stored(): void {
    this.#brokenSinceMs = undefined;
    this.#unproven = false;
  }

  /** A stream that can be read may still take nothing (a full disk): after a failure only a stored block proves it. */
  positioned(): void {
    if (!this.#unproven) this.#brokenSinceMs = undefined;
  }

  /** `unproven`: a block was not taken, and it is not known that one would be. */
  failed(unproven: boolean): void {
    this.#unproven ||= unproven;
    this.#brokenSinceMs ??= this.#clock.monotonicMs();
  }
}
