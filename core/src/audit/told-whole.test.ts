import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { toldWhole } from "./told-whole.ts";

it("tells a value as its canonical JSON", () => {
  expect(toldWhole("grants", [{ kind: "rpc", id: "g-1" }])).toEqual({ grants: '[{"id":"g-1","kind":"rpc"}]' });
});

it("tells what is larger than a label may be by its digest, and nothing less by it", () => {
  const [largest, larger] = ["x".repeat(128 * 1024 - 2), "x".repeat(128 * 1024 - 1)];
  expect(toldWhole("rules", largest)).toEqual({ rules: `"${largest}"` });
  const digest = createHash("sha256").update(`"${larger}"`).digest("hex");
  expect(toldWhole("rules", larger)).toEqual({ rules_sha256: digest });
});
