import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadPolicy } from "@open-policy-agent/opa-wasm";
import { describe, expect, it } from "vitest";
import { hostBuiltins } from "../builtins/host-builtins.ts";
import { compileModule } from "./compile-module.ts";
import { opa, ourPolicies } from "./policies.fixtures.ts";

type Builtin = {
  readonly name: string;
  readonly infix?: string;
  readonly decl: { readonly args?: readonly unknown[] };
};

/** Resolved by the compiler, or not to be called by name. */
const notCalled = new Set(["eq", "assign", "internal.member_2", "internal.member_3", "rego.metadata.rule"]);

describe("policies/capabilities.json", () => {
  it("allows only builtins that the module brings along or the host answers, so that none is missing at run time", async () => {
    const rules = { path: "vivified/audit/mask/rules.rego", bytes: Buffer.from(everyBuiltin(await allowed())) };
    const { wasm } = await compileModule({
      opa,
      files: [rules],
      capabilities: join(ourPolicies, "capabilities.json"),
      module: "audit",
      entrypoints: ["audit/mask"],
    });
    const policy = await loadPolicy(new Uint8Array(wasm), { initial: 64 });
    expect(Object.keys(askedOfTheHost(policy)).sort()).toEqual([...hostBuiltins.keys()].sort());
  });
});

async function allowed(): Promise<readonly Builtin[]> {
  const { builtins } = JSON.parse(await readFile(join(ourPolicies, "capabilities.json"), "utf8"));
  return builtins.filter(({ name }: Builtin) => !notCalled.has(name));
}

function everyBuiltin(builtins: readonly Builtin[]): string {
  const calls = builtins.map(({ name, infix, decl }) => {
    const args = (decl.args ?? []).map((_, index) => `input.a${index}`);
    if (name === "walk") return "[node | walk(input.a0, node)]";
    return infix ? args.join(` ${infix} `) : `${name}(${args.join(", ")})`;
  });
  const rules = calls.map((call, index) => `r${index} := ${call}`);
  return [
    "package vivified.audit.mask",
    ...rules,
    `decision := [${rules.map((_, index) => `r${index}`).join(", ")}]`,
  ].join("\n\n");
}

/** What the module asks its host for, by OPA's Wasm ABI (`builtins`). */
function askedOfTheHost(policy: Awaited<ReturnType<typeof loadPolicy>>): object {
  const { exports } = policy.wasmInstance as { exports: Record<string, (...args: number[]) => number> };
  const address = exports.opa_json_dump?.(exports.builtins?.() ?? 0) ?? 0;
  const bytes = Buffer.from((policy.mem as { buffer: ArrayBuffer }).buffer);
  return JSON.parse(bytes.toString("utf8", address, bytes.indexOf(0, address)));
}
