import { readFileSync } from "node:fs";
import { join } from "node:path";
import { errorCodes, platformRules } from "@vivified/contracts";
import { describe, expect, it } from "vitest";

const page = readFileSync(join(import.meta.dirname, "../../docs/reference/errors.md"), "utf8");
const rows = [...page.matchAll(/^\| `(?<name>[a-z_.]+)` \| (?<rest>.*) \|$/gm)].map(({ groups }) => ({
  name: groups?.name ?? "",
  cells: (groups?.rest ?? "").split(" | "),
}));

describe("docs/reference/errors.md", () => {
  it("has a row for every error code, with its status and whether it may be repeated", () => {
    const documented = rows
      .filter(({ name }) => !name.includes("."))
      .map(({ name, cells }) => [name, ...cells.slice(0, 2)]);
    const actual = Object.entries(errorCodes).map(([code, { status, retryable }]) => [
      code,
      String(status),
      retryable ? "yes" : "no",
    ]);
    expect(documented).toEqual(actual);
  });

  it("has a row for every rule of the platform's own, with its sentence", () => {
    const documented = rows.filter(({ name }) => name.includes("."));
    expect(documented.map(({ name }) => name)).toEqual(Object.keys(platformRules));
    for (const { name, cells } of documented) {
      const sentence = Object.entries(platformRules)
        .find(([rule]) => rule === name)?.[1]
        .replace(/^The gateway/, "");
      expect(cells[0]?.replace(/^The gateway/, "").slice(0, 18)).toBe(sentence?.slice(0, 18));
    }
  });
});
