import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { inputSchemas, schemasMatchContracts } from "./input-schemas.ts";

const directory = fileURLToPath(new URL("../../policies/schemas/", import.meta.url));

/** `rpc/invoke` → `rpc-invoke.json` */
const fileName = (entrypoint: string): string => `${entrypoint.replace("/", "-")}.json`;
const draft = { $schema: "http://json-schema.org/draft-07/schema#" };

describe("policies/schemas", () => {
  it.each(Object.entries(inputSchemas))("says of %s what the TypeScript shape says", async (entrypoint, schema) => {
    const text = `${JSON.stringify({ ...draft, ...schema }, undefined, 2)}\n`;
    await expect(text).toMatchFileSnapshot(`${directory}${fileName(entrypoint)}`);
  });

  it("holds no schema that nobody asks with", async () => {
    expect((await readdir(directory)).sort()).toEqual(Object.keys(inputSchemas).map(fileName).sort());
  });

  it("is held to the contracts by the compiler", () => {
    expect(Object.values(schemasMatchContracts)).not.toContain(false);
  });
});
