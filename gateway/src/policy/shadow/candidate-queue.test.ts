import type { Decision } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { candidateQueue, type Observed } from "./candidate-queue.ts";

const decision: Decision = {
  ...{ id: "d", entrypoint: "rpc/invoke", revision: "r", effect: "allow" },
  ...{ reasons: [], obligations: [] },
};
const observed = (text: string) => ({ question: { entrypoint: "rpc/invoke" as const, input: { text } }, decision });
const limits = { most: 5, maxWeight: 1_000, batch: 3, batchWeight: 250 };
const texts = (taken: readonly Observed[]) => taken.map(({ question }) => question.input.text);

describe("what waits for a candidate", () => {
  it("comes out in its order, in batches, until nothing waits", () => {
    const queue = candidateQueue(limits);
    for (const text of ["a", "b", "c", "d"]) expect(queue.push(observed(text))).toBe(true);
    expect([queue.take(), queue.take(), queue.take()].map(texts)).toEqual([["a", "b", "c"], ["d"], []]);
  });

  it("is bounded in number, and takes more once some of it went", () => {
    const queue = candidateQueue(limits);
    for (let count = 0; count < limits.most; count++) queue.push(observed("a"));
    expect(queue.push(observed("late"))).toBe(false);
    queue.take();
    expect(queue.push(observed("in time"))).toBe(true);
  });

  it("is bounded in weight, however deep it lies, and takes more once some of it went", () => {
    const queue = candidateQueue({ ...limits, most: 1_000 });
    const heavy = {
      ...observed(""),
      question: { entrypoint: "rpc/invoke" as const, input: { a: [{ b: "x".repeat(1_000) }] } },
    };
    expect([queue.push(heavy), queue.push(observed("a"))]).toEqual([true, false]);
    expect(queue.take()).toHaveLength(1);
    expect(queue.push(observed("a"))).toBe(true);
  });

  it("goes over in batches that are soon copied, one heavy question by itself", () => {
    const queue = candidateQueue(limits);
    for (const text of ["x".repeat(200), "y".repeat(200), "z".repeat(300)]) queue.push(observed(text));
    expect([queue.take().length, queue.take().length, queue.take().length, queue.take().length]).toEqual([1, 1, 1, 0]);
  });
});
