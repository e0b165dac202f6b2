import { uuidv7 } from "@vivified/runtime";
import { describe, expect, it } from "vitest";
import { decidedAt } from "./decided-at.ts";

describe("decidedAt", () => {
  it("is the time that a UUIDv7 carries", () => {
    expect(decidedAt("017f22e2-79b0-7cc3-98c4-dc0c0c07398f").toISOString()).toBe("2022-02-22T19:22:22.000Z");
    expect(Math.abs(decidedAt(uuidv7()).getTime() - Date.now())).toBeLessThan(60_000);
  });

  it.each(["", "d-1", "ffffffff-ffff-7fff-bfff-ffffffffffff", "017f22e2-79b0-4cc3-98c4-dc0c0c07398f"])(
    "is 1970 for %j, which tells none",
    (id) => {
      expect(decidedAt(id).getTime()).toBe(0);
    },
  );
});
