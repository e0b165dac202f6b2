import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ourPolicies } from "../bundle/policies.fixtures.ts";
import { hostBuiltins } from "./host-builtins.ts";

const page = join(import.meta.dirname, "../../../docs/reference/builtins.md");

describe("docs/reference/builtins.md", () => {
  it("names every builtin that a rule may call, and which of them the host answers", async () => {
    const { builtins } = JSON.parse(await readFile(join(ourPolicies, "capabilities.json"), "utf8"));
    const names: string[] = builtins.map(({ name }: { name: string }) => name);
    const text = await readFile(page, "utf8");
    const listed = (heading: string) => {
      const [, section = ""] = text.split(`## ${heading}\n`);
      return [...(section.split("\n## ")[0] ?? "").matchAll(/`([a-z0-9_.]+)`/g)].map(([, name]) => name);
    };
    const native = names.filter((name) => !hostBuiltins.has(name));
    expect(listed("In the module").sort()).toEqual(native.sort());
    expect(listed("In the host").sort()).toEqual([...hostBuiltins.keys()].sort());
  });
});
