/** Numbers from 0 up to 1 that a seed decides (mulberry32). */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of several, each as likely. @throws RangeError when there is none */
export function pick<T>(among: readonly T[], random: Random): T {
  const found = among[Math.floor(random() * among.length)];
  if (found === undefined) throw new RangeError("nothing to pick from");
  return found;
}
