import { describe, expect, it } from "vitest";
import { buildPolicies } from "../build/build-policies.ts";
import { opa, ourPolicies, scratch } from "../build/policies.fixtures.ts";
import { readPolicyDirectory } from "../build/policy-directory.ts";
import { createInstance } from "./policy-instance.ts";

describe("a policy instance", () => {
  it("answers ten thousand questions in the memory it began with", async () => {
    await using folder = await scratch();
    await buildPolicies({ opa, source: ourPolicies, output: folder.path("out") });
    const { modules, data, dataBytes } = await readPolicyDirectory(folder.path("out"));
    const bytes = modules.get("rpc") ?? Buffer.alloc(0);
    const module = await WebAssembly.compile(new Uint8Array(bytes));
    const instance = await createInstance({ module, moduleBytes: bytes.length, data, dataBytes, maxInputBytes: 4096 });
    const memory = () => [(instance.mem as { buffer: ArrayBuffer }).buffer.byteLength, instance.dataHeapPtr];
    const before = memory();
    const fields = Array.from({ length: 20 }, (_, n) => ({ path: `/f${n}`, type: "string", traits: ["pii"] }));
    const resource = { plugin: "p", operation: "o", traits: [], requires_traits: [] };
    const text = JSON.stringify({
      subject: { id: "a", traits: [] },
      resource,
      grant: { id: "g" },
      fields,
      attributes: {},
    });
    const input = new TextEncoder().encode(text).buffer;
    for (let index = 0; index < 10_000; index++) instance.evaluate(input, "vivified/rpc/invoke/decision");
    expect(memory()).toEqual(before);
  });
});
