import type { Clock } from "@vivified/runtime";

export type ThrottleOptions = { readonly failures: number; readonly windowMs: number; readonly keys: number };
type Window = { readonly startedMs: number; failures: number };

/**
 * Counts failed logins per key (account or address) in fixed windows. It remembers a bounded number of keys, the latest
 * ones, so that it cannot be filled up; an account's existence makes no difference to it.
 */
export class LoginThrottle {
  readonly #windows = new Map<string, Window>();
  readonly #options: ThrottleOptions;
  readonly #clock: Clock;

  constructor(options: ThrottleOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Seconds until the key may try again; 0 when it may now. */
  waitSeconds(key: string): number {
    const window = this.#current(key);
    if (window === undefined || window.failures < this.#options.failures) return 0;
    return Math.ceil((window.startedMs + this.#options.windowMs - this.#clock.monotonicMs()) / 1000);
  }

  failed(key: string): void {
    const window = this.#current(key) ?? { startedMs: this.#clock.monotonicMs(), failures: 0 };
    window.failures += 1;
    this.#windows.delete(key);
    this.#windows.set(key, window);
    const [oldest] = this.#windows.keys();
    if (this.#windows.size > this.#options.keys && oldest !== undefined) this.#windows.delete(oldest);
  }

  succeeded(key: string): void {
    this.#windows.delete(key);
  }

  #current(key: string): Window | undefined {
    const window = this.#windows.get(key);
    return window && this.#clock.monotonicMs() - window.startedMs < this.#options.windowMs ? window : undefined;
  }
}
