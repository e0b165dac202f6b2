import { expect, it } from "vitest";
import { Wakeable } from "./wakeable.ts";

it("ends a wait when it is woken, at once when it was before, and else in time", async () => {
  const due = new Wakeable();
  expect(await due.within(10)).toBe(false);
  due.wake();
  due.wake();
  expect(await due.within(60_000)).toBe(true);
  expect(await due.within(10)).toBe(false);
  const waiting = due.within(60_000);
  due.wake();
  expect(await waiting).toBe(true);
});
