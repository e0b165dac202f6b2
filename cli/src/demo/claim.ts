/** What the demo says must be so. @throws Error that says what is not: the demo ends there rather than tell a lie. */
export function claim(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`this should be so and is not: ${what}`);
}
