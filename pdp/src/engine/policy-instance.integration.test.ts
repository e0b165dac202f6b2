import { describe, expect, it } from "vitest";
import { ourBundle } from "../bundle/policies.fixtures.ts";
import { createInstance } from "./policy-instance.ts";

describe("a policy instance", () => {
  it("answers ten thousand questions in the memory it began with", async () => {
    const { modules, data, dataBytes } = await ourBundle();
    const bytes = modules.get("vivified/rpc/policy.wasm") ?? Buffer.alloc(0);
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
