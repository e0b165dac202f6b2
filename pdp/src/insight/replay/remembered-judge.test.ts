import type { Verdict } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import type { Question } from "../question.ts";
import { remembered } from "./remembered-judge.ts";

const verdict: Verdict = { effect: "deny", reasons: [], obligations: [] };
const judge = { judge: async () => verdict };
const asked = (x: number, now = 1): Question => ({
  entrypoint: "rpc/invoke",
  input: { x },
  nd_builtin_cache: { "time.now_ns": { "[]": now } },
});

describe("remembered", () => {
  it("evaluates the same question once, and what differs in anything again", async () => {
    const { judge: ask, evaluated } = remembered(judge);
    for (const question of [asked(1), asked(1), asked(2), asked(1, 2)]) await ask(question);
    await ask({ ...asked(1), entrypoint: "rpc/reply" });
    expect(evaluated()).toBe(4);
  });

  it("remembers no more answers than it may: the oldest go first", async () => {
    const { judge: ask, evaluated } = remembered(judge, 2);
    for (const x of [1, 2, 3, 3, 2]) await ask(asked(x));
    expect(evaluated()).toBe(3);
    await ask(asked(1));
    expect(evaluated()).toBe(4);
  });
});
