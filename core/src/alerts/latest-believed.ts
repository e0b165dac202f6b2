/** Clocks of a platform are held to each other by as much (see `clock_skewed`). */
const mostApartMs = 60_000;

/** The latest moment that evidence can be from: what is later was told by a clock that was wrong, and says nothing. */
export const latestBelieved = (now: Date): Date => new Date(now.getTime() + mostApartMs);
