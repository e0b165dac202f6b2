import type { Decision } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { describe, expect, it } from "vitest";
import { type Refusal, type RefuseDeps, refuse } from "./refuse.ts";

const refusal: Refusal = {
  rule: "peer.unknown",
  entrypoint: "rpc/invoke",
  traceId: "t",
  caller: "spiffe://vivified.local/plugin/stranger",
  resource: "people.get_user",
};

function deps(recordRefusal: RefuseDeps["recordRefusal"]): RefuseDeps {
  return { newId: () => "r-1", revision: () => "rev", recordRefusal };
}

describe("refuse", () => {
  it("answers only once its record is durable", async () => {
    const recorded: Decision[] = [];
    const durable = Promise.withResolvers<void>();
    let answered = false;
    const answering = refuse(
      refusal,
      deps((_, decision) => {
        recorded.push(decision);
        return durable.promise;
      }),
    ).then((denial) => {
      answered = true;
      return denial;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect([recorded.length, answered]).toEqual([1, false]);
    durable.resolve();
    expect((await answering).decision).toBe(recorded[0]);
  });

  it("fails when its record cannot be written", async () => {
    const lost = deps(() => Promise.reject(new VivifiedError("audit_unavailable")));
    await expect(refuse(refusal, lost)).rejects.toMatchObject({ code: "audit_unavailable" });
  });
});
