import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";

/** Compares with a file of `testdata/`; `UPDATE_GOLDEN=1` writes it instead, for a reviewer to read in the diff. */
export function expectGolden(path: string, value: unknown): void {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, text);
  expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(path, "utf8")));
}
