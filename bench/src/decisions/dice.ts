/** Numbers that look random and are the same every time (mulberry32). */
export type Dice = {
  /** From 0 up to 1. */
  readonly fraction: () => number;
  /** From 0 up to `n`, each as likely. */
  readonly even: (n: number) => number;
  /** From 0 up to `n`, small ones far more likely: about as Zipf says. */
  readonly skewed: (n: number) => number;
  /** So many lower-case hexadecimal digits. */
  readonly hex: (digits: number) => string;
};

export function dice(seed: number): Dice {
  let state = seed;
  const fraction = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    fraction,
    even: (n) => Math.floor(fraction() * n),
    skewed: (n) => Math.min(n - 1, Math.floor((n + 1) ** fraction()) - 1),
    hex: (digits) => {
      let text = "";
      while (text.length < digits)
        text += Math.floor(fraction() * 2 ** 32)
          .toString(16)
          .padStart(8, "0");
      return text.slice(0, digits);
    },
  };
}
