import { describe, expect, it } from "vitest";
import { handleEventsOnce } from "./handled-events.ts";

describe("an event", () => {
  it("is handled once; a duplicate waits for the first and shares its fate", async () => {
    const once = handleEventsOnce();
    const { promise, reject } = Promise.withResolvers<void>();
    let handled = 0;
    const handle = () => {
      handled += 1;
      return promise;
    };
    const both = Promise.allSettled([once("e", handle), once("e", handle)]);
    reject(new Error("no"));
    expect((await both).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(handled).toBe(1);
    await once("e", async () => undefined);
  });

  it("is remembered as long as there is room, the oldest going first", async () => {
    const once = handleEventsOnce(2);
    const handled: string[] = [];
    for (const key of ["a", "b", "a", "c", "b", "a"]) await once(key, async () => void handled.push(key));
    expect(handled.join("")).toBe("abca");
  });
});
