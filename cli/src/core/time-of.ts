const units = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A time (RFC 3339), from one as people give it, or from how long ago: `30m`, `24h`, `7d`. @throws Error for none */
export function timeOf(text: string): string {
  const [, count, unit] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const time = unit === undefined ? Date.parse(text) : Date.now() - Number(count) * units[unit as keyof typeof units];
  if (Number.isFinite(time)) return new Date(time).toISOString();
  throw new Error(`${text} is no time: give one as 2026-11-26T12:00:00Z, or how long ago, as 24h`);
}
