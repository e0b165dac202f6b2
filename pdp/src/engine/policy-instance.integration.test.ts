import { describe, expect, it } from "vitest";
import { ourBundle } from "../bundle/policies.fixtures.ts";
import { compilePolicy } from "./compile-policy.ts";
import { createInstance, type PolicyInstance } from "./policy-instance.ts";
import { bytesOf } from "./wasm-text.ts";

const fields = Array.from({ length: 20 }, (_, n) => ({ path: `/f${n}`, type: "string", traits: ["pii"] }));
const resource = { plugin: "p", operation: "o", traits: [], requires_traits: [] };
const subject = { id: "a", traits: [] };
const question = bytesOf(JSON.stringify({ subject, resource, grant: { id: "g" }, fields, attributes: {} }));

async function rpcInstance(): Promise<PolicyInstance> {
  const { modules, data, dataBytes } = await ourBundle();
  const bytes = modules.get("vivified/rpc/policy.wasm") ?? Buffer.alloc(0);
  const module = await compilePolicy(bytes);
  const sizes = { moduleBytes: bytes.length, dataBytes, maxInputBytes: 4096 };
  return createInstance({ module, data, ...sizes, builtins: new Map() });
}

describe("a policy instance", () => {
  it("answers two hundred thousand questions in the memory it began with, in the same number of steps", async () => {
    const instance = await rpcInstance();
    const taken = new Set<number>();
    for (let index = 0; index < 200_000; index++) {
      instance.evaluate("vivified/rpc/invoke/decision", question, 1_000_000);
      taken.add(1_000_000 - instance.stepsLeft());
    }
    expect(instance.pages()).toBe(instance.initialPages);
    expect(taken.size).toBe(1);
  }, 60_000);

  it("answers with the very last step that it is given, and traps without it", async () => {
    const instance = await rpcInstance();
    const ask = (steps: number) => instance.evaluate("vivified/rpc/invoke/decision", question, steps);
    const whole = ask(1_000_000);
    const needed = 1_000_000 - instance.stepsLeft();
    expect(ask(needed)).toEqual(whole);
    expect(instance.stepsLeft()).toBe(0);
    expect(() => ask(needed - 1)).toThrow(WebAssembly.RuntimeError);
    expect(instance.stepsLeft()).toBe(0);
  });
});
