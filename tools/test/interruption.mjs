import { constants } from "node:os";

const patienceMs = 15_000;

/** Remembers that we were told to stop, and tells the child that runs at that moment. */
export class Interruption {
  signal = undefined;
  #child = undefined;

  constructor() {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => this.#stop(signal));
  }

  /** Names the child that a signal goes to from now on, until it ends. */
  watch = (child) => {
    this.#child = child;
    child.once("close", () => {
      this.#child = undefined;
    });
  };

  /** What the shell expects of a process that a signal ended; undefined when none did. */
  get exitCode() {
    return this.signal && 128 + constants.signals[this.signal];
  }

  #stop(signal) {
    if (this.signal) return; // a terminal and npm both deliver the same Ctrl-C
    this.signal = signal;
    const child = this.#child;
    child?.kill(signal);
    setTimeout(() => child?.kill("SIGKILL"), patienceMs).unref();
  }
}
