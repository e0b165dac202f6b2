/** UUIDv7 (RFC 9562, section 5.7) up to the year 2109: 48 bits of milliseconds since 1970. */
const datedId = /^(0[0-3][0-9a-f]{6})-([0-9a-f]{4})-7/;

/**
 * When a decision's id was made: where its outcome is kept. An id that tells no time, or none that can be, gives 1970:
 * the same id always gives the same moment.
 */
export function decidedAt(decisionId: string): Date {
  const [, high, low] = datedId.exec(decisionId) ?? [];
  return high === undefined || low === undefined ? new Date(0) : new Date(Number.parseInt(high + low, 16));
}
