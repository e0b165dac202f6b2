/** The first of some times. */
export const earliest = (times: readonly Date[]): Date => new Date(Math.min(...times.map(Number)));
/** The last of some times. */
export const latest = (times: readonly Date[]): Date => new Date(Math.max(...times.map(Number)));
