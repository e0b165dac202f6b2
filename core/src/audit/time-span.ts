/** The first of some times, moved by `ms`. */
export const earliest = (times: readonly Date[], ms = 0): Date => new Date(Math.min(...times.map(Number)) + ms);
/** The last of some times, moved by `ms`. */
export const latest = (times: readonly Date[], ms = 0): Date => new Date(Math.max(...times.map(Number)) + ms);
