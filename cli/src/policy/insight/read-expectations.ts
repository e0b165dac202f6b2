import { readFile } from "node:fs/promises";
import type { Expectations } from "@vivified/pdp";
import { type Static, type TSchema, Type } from "typebox";
import { Value } from "typebox/value";
import { parse } from "yaml";

const closed = { additionalProperties: false } as const;
const text = Type.Optional(Type.String({ minLength: 1 }));
const about = { entrypoint: text, caller: text, because: text };
const passage = Type.Enum(["allow", "deny"]);
const Declared = Type.Object(
  {
    flips: Type.Optional(Type.Array(Type.Object({ from: passage, to: passage, rule: text, ...about }, closed))),
    fields: Type.Optional(Type.Array(Type.Object({ path: Type.String(), from: text, to: text, ...about }, closed))),
  },
  closed,
);

/**
 * Reads which changes were announced: `flips` (from, to, rule, entrypoint, caller) and `fields` (path, from, to, …).
 *
 * @throws Error that names every place that is wrong
 */
export async function readExpectations(file: string): Promise<Expectations> {
  const value: unknown = parse(await readFile(file, "utf8")) ?? {};
  const { flips = [], fields = [] } = checked(Declared, value, file);
  return { flips, fields };
}

function checked<Schema extends TSchema>(schema: Schema, value: unknown, file: string): Static<Schema> {
  if (Value.Check(schema, value)) return value;
  const faults = [...Value.Errors(schema, value)].map(
    ({ instancePath, message }) => `${instancePath || "/"} ${message}`,
  );
  throw new Error(`${file} does not declare changes: ${faults.join("; ")}`);
}
