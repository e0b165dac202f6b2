import type { Decision, JsonObject } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { compileSnapshot } from "../snapshot/compile-snapshot.ts";
import { snapshotDocument, snapshotOperation, snapshotPlugin } from "../snapshot/snapshot.fixtures.ts";
import { type EnforceDeps, enforce } from "./enforce.ts";
import { deriveFieldKeys } from "./field-keys.ts";
import { type Permit, spend } from "./permit.ts";
import type { Judgement, Question } from "./question.ts";

const people = snapshotPlugin("people", { operations: [snapshotOperation("get_user")] });
const plugins = compileSnapshot(snapshotDocument({ plugins: [people, snapshotPlugin("caller")] }), 1).plugins;

function question(payload: JsonObject): Question<"rpc/invoke"> {
  const [subject, target] = [plugins.get("caller"), plugins.get("people")];
  const operation = target?.operations.get("get_user");
  if (!subject || !target || !operation) throw new Error("fixture");
  return { entrypoint: "rpc/invoke", traceId: "t", subject, resource: { target, operation }, payload };
}

const allow: Decision = {
  id: "d",
  entrypoint: "rpc/invoke",
  revision: "r",
  effect: "sanitize",
  reasons: [],
  obligations: [{ path: "/email", action: "redact" }],
};

function deps(decision: Decision, record: EnforceDeps["record"] = async () => {}): EnforceDeps {
  return { decide: async () => ({ decision, input: {}, snapshot: 1 }), record, fieldKeys: deriveFieldKeys("k") };
}

async function permitted(given: EnforceDeps): Promise<Permit<"rpc/invoke">> {
  const answer = await enforce(question({ email: "a@b" }), given);
  if (answer.outcome === "denied") throw new Error("denied");
  return answer;
}

describe("enforce and spend", () => {
  it("permit exactly what policy left of the payload, once", async () => {
    const permit = await permitted(deps(allow));
    expect(spend(permit).payload).toEqual({ email: "REDACTED" });
    expect(() => spend(permit)).toThrow("spent before");
  });

  it("know no permit that was not minted here", async () => {
    const permit = await permitted(deps(allow));
    expect(() => spend({ ...permit })).toThrow("spent before");
    expect(() => spend(structuredClone({ outcome: "permitted", decision: allow }) as typeof permit)).toThrow();
  });

  it("permit nothing while the record is not durable", async () => {
    const record = async () => {
      throw new Error("not durable");
    };
    await expect(enforce(question({}), deps(allow, record))).rejects.toThrow("not durable");
  });

  it("record the denial that an obligation turned the decision into", async () => {
    const recorded: Judgement[] = [];
    const record: EnforceDeps["record"] = async (_, judgement) => void recorded.push(judgement);
    const unfit: Decision = { ...allow, obligations: [{ path: "/email", action: "generalize" }] };
    const answer = await enforce(question({ email: "a@b" }), deps(unfit, record));
    expect(answer.outcome).toBe("denied");
    expect(recorded).toMatchObject([
      { decision: { effect: "deny", reasons: [{ rule: "pep.obligation_failed" }] }, overruled: unfit },
    ]);
  });

  it("do not let a denial, a forged object or another lane's permit pass for a permit", () => {
    const effect = (permit: Permit<"rpc/invoke">) => spend(permit);
    const never = (): void => {
      // @ts-expect-error a denial is no permit
      effect({ outcome: "denied", decision: allow, code: "denied" });
      // @ts-expect-error a forged object is no permit
      effect({ outcome: "permitted", decision: allow });
      const other = undefined as unknown as Permit<"egress/connect">;
      // @ts-expect-error another lane's permit is no permit here
      effect(other);
    };
    expect(never).toBeTypeOf("function");
  });
});
