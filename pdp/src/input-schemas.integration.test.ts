import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { inputSchemas, schemasMatchContracts } from "./input-schemas.ts";
import { schemaFileName, schemaFileText } from "./write-input-schemas.ts";

const directory = fileURLToPath(new URL("../../policies/schemas/", import.meta.url));

describe("policies/schemas", () => {
  it.each(Object.entries(inputSchemas))("says of %s what the TypeScript shape says", async (entrypoint, schema) => {
    expect(await readFile(`${directory}${schemaFileName(entrypoint)}`, "utf8")).toBe(schemaFileText(schema));
  });

  it("holds no schema that nobody asks with", async () => {
    expect((await readdir(directory)).sort()).toEqual(Object.keys(inputSchemas).map(schemaFileName).sort());
  });

  it("is held to the contracts by the compiler", () => {
    expect(Object.values(schemasMatchContracts)).not.toContain(false);
  });
});
