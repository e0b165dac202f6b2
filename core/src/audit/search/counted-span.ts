/** Whole hours, in milliseconds since 1970; infinite where nothing bounds them. */
export type CountedSpan = {
  readonly since: number;
  readonly until: number;
  /** It is not the span that was asked for: it reaches further, or less far back. */
  readonly rounded: boolean;
};

const hour = 60 * 60 * 1000;

/** The hours that a span of time touches: decisions are counted by the hour. */
export function countedSpan({ since, until }: { since?: string; until?: string }): CountedSpan {
  const from = since === undefined ? Number.NEGATIVE_INFINITY : Date.parse(since);
  const to = until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until);
  const span = { since: Math.floor(from / hour) * hour, until: Math.ceil(to / hour) * hour };
  return { ...span, rounded: span.since !== from || span.until !== to };
}
