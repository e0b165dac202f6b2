import { mostEvidence } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { placesByPage } from "./places-by-page.ts";

/** Finds every second place below an end. */
const evenBelow = (end: number) => async (from: number, limit: number) => {
  const first = from + (from % 2);
  return Array.from({ length: Math.max(0, Math.min(limit, Math.ceil((end - first) / 2))) }, (_, at) => first + at * 2);
};

describe("places by page", () => {
  it.each([0, 1, 19, 20, 21, 50])("are all that are there below %i, each once", async (end) => {
    expect(await placesByPage(evenBelow(end), 10)).toEqual(await evenBelow(end)(0, end));
  });

  it("are refused when they are more than an export can name", async () => {
    await expect(placesByPage(evenBelow(mostEvidence * 2))).resolves.toHaveLength(mostEvidence);
    await expect(placesByPage(evenBelow(mostEvidence * 2 + 1))).rejects.toMatchObject({ code: "invalid" });
  });
});
