import type { Clock } from "../process/clock.ts";

/**
 * Whether blocks can be written, as far as is known. All chains of a trail write into the same stream, so what one of
 * them found out last holds for all.
 */
export class TrailHealth {
  readonly #clock: Pick<Clock, "monotonicMs">;
  #brokenSinceMs: number | undefined;
  #refused = false;

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
    this.#refused = false;
  }

  /** A stream that can be read may still refuse writing (a full disk): only a block that was stored tells. */
  positioned(): void {
    if (!this.#refused) this.#brokenSinceMs = undefined;
  }

  failed(refused: boolean): void {
    this.#refused ||= refused;
    this.#brokenSinceMs ??= this.#clock.monotonicMs();
  }
}
