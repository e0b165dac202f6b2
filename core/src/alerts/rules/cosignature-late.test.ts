import { expect, it } from "vitest";
import { cosignatureLate } from "./cosignature-late.ts";

it("is found once a witness has signed nothing for too long, though there is something to sign", async () => {
  let [ms, signed] = [0, 0];
  const cosigned: Record<string, number> = { good: 0, bad: 0 };
  const store = {
    newest: async () => (signed === 0 ? undefined : { size: signed, root: "", note: "", madeAt: new Date() }),
    cosignedBy: async (witness: string) => cosigned[witness] ?? 0,
  };
  const clock = { now: () => new Date(ms), monotonicMs: () => ms };
  const rule = cosignatureLate({ store, witnesses: ["good", "bad"], clock, lateMs: 300_000 });
  const subjects = async (at: number) => {
    ms = at;
    return (await rule.look()).map(({ subject }) => subject);
  };
  expect(await subjects(0)).toEqual([]);
  signed = 7;
  expect(await subjects(1_000_000)).toEqual([]);
  [signed, cosigned.good] = [9, 7]; // it signs, and is behind again
  expect(await subjects(1_299_999)).toEqual([]);
  expect(await subjects(1_300_000)).toEqual(["witness bad"]);
  cosigned.bad = 9;
  expect(await subjects(1_300_001)).toEqual([]);
  expect(await subjects(1_600_000)).toEqual(["witness good"]);
});
