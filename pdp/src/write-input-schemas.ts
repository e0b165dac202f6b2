import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inputSchemas } from "./input-schemas.ts";

/** The schema file of an entrypoint: `rpc/invoke` → `rpc-invoke.json`. */
export const schemaFileName = (entrypoint: string): string => `${entrypoint.replace("/", "-")}.json`;

/** The text of a schema file. */
export const schemaFileText = (schema: object): string =>
  `${JSON.stringify({ $schema: "http://json-schema.org/draft-07/schema#", ...schema }, undefined, 2)}\n`;

/** Writes `policies/schemas/` anew from the TypeScript shapes. */
export async function writeInputSchemas(directory: string): Promise<void> {
  const files = Object.entries(inputSchemas);
  await Promise.all(
    files.map(([name, schema]) => writeFile(join(directory, schemaFileName(name)), schemaFileText(schema))),
  );
}
