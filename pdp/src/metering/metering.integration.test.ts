import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ourBundle } from "../bundle/policies.fixtures.ts";
import { compilePolicy } from "../engine/compile-policy.ts";
import { createInstance, type PolicyInstance } from "../engine/policy-instance.ts";
import { bytesOf } from "../engine/wasm-text.ts";
import { decisionPath, entrypointsOf } from "../entrypoints.ts";
import { exposeIdleMeter } from "./idle-meter.fixtures.ts";

const names = ["pii", "phi", "handles_pii", "handles_phi", "external_service", "admin_capable", "other"];
const traits = fc.uniqueArray(fc.constantFrom(...names), { maxLength: 4 });
const party = fc.record({ id: fc.string({ unit: "grapheme" }), traits });
const kind = fc.constantFrom("string", "number", "object");
const field = fc.record({ path: fc.constantFrom("", "/a", "/a/b", "/a/*/c"), type: kind, traits });
const route = fc.constantFrom("/admin/users", "/admin/decisions", "/auth/me");
const resource = fc.record({ plugin: fc.string(), operation: fc.string(), traits, requires_traits: traits, route });
const grant = fc.option(fc.record({ id: fc.string() }), { nil: undefined });
const question = fc.record({ subject: party, resource, grant, fields: fc.array(field), attributes: fc.constant({}) });

async function pair(module: "rpc" | "admin"): Promise<PolicyInstance[]> {
  const { modules, data, dataBytes } = await ourBundle();
  const bytes = modules.get(`vivified/${module}/policy.wasm`) ?? Buffer.alloc(0);
  const code = { moduleBytes: bytes.length, data, dataBytes, maxInputBytes: 65_536, builtins: new Map() };
  const compiled = [await compilePolicy(bytes), await WebAssembly.compile(exposeIdleMeter(bytes))];
  return Promise.all(compiled.map((each) => createInstance({ ...code, module: each })));
}

describe("metering", () => {
  it.each(["rpc", "admin"] as const)("changes no answer of %s, to the last byte", async (module) => {
    const [metered, plain] = await pair(module);
    const property = fc.property(question, fc.constantFrom(...entrypointsOf(module)), (asked, entrypoint) => {
      const input = bytesOf(JSON.stringify(asked));
      const answers = [metered, plain].map((instance) => instance?.evaluate(decisionPath(entrypoint), input, 2e6));
      expect(answers[0]).toBe(answers[1]);
      expect(plain?.stepsLeft()).toBe(2e6);
      expect(metered?.stepsLeft()).toBeLessThan(2e6);
    });
    fc.assert(property, { numRuns: 500 });
  });
});
