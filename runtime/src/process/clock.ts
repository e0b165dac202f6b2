/** Time as a port, so that tests can own it. */
export type Clock = {
  readonly now: () => Date;
  /** Milliseconds that never go back; only differences mean anything. */
  readonly monotonicMs: () => number;
};

export const systemClock: Clock = { now: () => new Date(), monotonicMs: () => performance.now() };
