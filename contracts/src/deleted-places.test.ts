import { describe, expect, it } from "vitest";
import { readPlaces, writePlaces } from "./deleted-places.ts";

describe("places that were deleted", () => {
  it.each([
    ["none", [], ""],
    ["one from the beginning", [{ first: 0, last: 0 }], "0+1"],
    [
      "ranges with holes",
      [
        { first: 1000, last: 1499 },
        { first: 1501, last: 1598 },
      ],
      "1000+500,1+98",
    ],
  ])("%s: say the same when they are read again", (_, ranges, text) => {
    expect(writePlaces(ranges)).toBe(text);
    expect(readPlaces(text)).toEqual(ranges);
  });

  it.each([
    ["no numbers", "a+b"],
    ["a range of nothing", "5+0"],
    ["ranges that touch", "5+1,0+2"],
    ["a number written otherwise", "05+1"],
    ["a sign", "-5+1"],
    ["more than a number can say", "9007199254740991+9"],
    ["an end that is none", "5+1,"],
    ["white space", "5+1, 1+1"],
  ])("are not read from %s", (_, text) => expect(readPlaces(text)).toBeUndefined());
});
