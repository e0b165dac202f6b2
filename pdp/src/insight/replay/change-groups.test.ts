import { describe, expect, it } from "vitest";
import { createChangeGroups } from "./change-groups.ts";

describe("createChangeGroups", () => {
  it("counts by what changes have in common, with the first five as examples", () => {
    const groups = createChangeGroups<{ rule: string }>();
    for (let index = 0; index < 7; index++) groups.add({ rule: "b" }, `d-${index}`);
    groups.add({ rule: "a" }, "d-9");
    expect(groups.list()).toEqual([
      { rule: "b", count: 7, examples: ["d-0", "d-1", "d-2", "d-3", "d-4"] },
      { rule: "a", count: 1, examples: ["d-9"] },
    ]);
  });

  it("keeps no more groups than it may, and counts the rest", () => {
    const groups = createChangeGroups<{ n: number }>(2);
    for (let n = 0; n < 5; n++) groups.add({ n }, "d");
    groups.add({ n: 1 }, "d");
    expect(groups.list()).toHaveLength(2);
    expect(groups.ungrouped()).toBe(3);
  });
});
