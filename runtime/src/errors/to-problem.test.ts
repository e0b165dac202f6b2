import { describe, expect, it } from "vitest";
import { toProblem } from "./to-problem.ts";
import { VivifiedError } from "./vivified-error.ts";

describe("toProblem", () => {
  it("tells an error's code and detail, and never its cause", () => {
    const error = new VivifiedError("malformed", { detail: "a key is not allowed", cause: new Error("hunter2") });
    const problem = toProblem(error, "t");
    expect(problem).toMatchObject({ status: 400, code: "malformed", detail: "a key is not allowed", trace_id: "t" });
    expect(JSON.stringify(problem)).not.toContain("hunter2");
  });

  it.each([new VivifiedError("internal", { detail: "hunter2" }), new Error("hunter2"), "hunter2", undefined])(
    "tells nothing of what was not expected",
    (error) => {
      const { status, code, detail } = toProblem(error);
      expect([status, code, detail]).toEqual([500, "internal", undefined]);
    },
  );
});
