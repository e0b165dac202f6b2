import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { policyRuleModes } from "@vivified/contracts";
import type { PolicyRule } from "@vivified/pdp";
import { isMap, LineCounter, parseDocument } from "yaml";
import type { Finding } from "./finding.ts";
import { here, type Workspace } from "./workspace.ts";

/** What is wrong with a `modes.json`: it is no object of modes by rule id, or names a rule that there is not among those given. */
export async function checkModes({ root }: Workspace, rules?: readonly PolicyRule[]): Promise<readonly Finding[]> {
  const path = join(root, "modes.json");
  if (!existsSync(path)) return [];
  const lines = new LineCounter();
  const document = parseDocument(await readFile(path, "utf8"), { lineCounter: lines, prettyErrors: false });
  const found = (offset: number, message: string): Finding => {
    const { line: row, col: column } = lines.linePos(offset);
    return { rule: "modes", level: "error", message, file: here(path), row, column };
  };
  if (document.errors.length > 0) return document.errors.map(({ pos, message }) => found(pos[0], message));
  if (!isMap(document.contents)) return [found(0, "it is not an object of modes by rule id")];
  const known = rules && new Set(rules.map(({ id }) => id));
  return document.contents.items.flatMap(({ key, value }) => {
    const [id, mode] = [String(key), String(value)];
    const at = (key as { range?: readonly number[] }).range?.[0] ?? 0;
    if (known !== undefined && !known.has(id)) return [found(at, `there is no rule ${id}`)];
    if (policyRuleModes.some((name) => name === mode)) return [];
    return [found(at, `the mode of ${id} is ${mode}, not ${policyRuleModes.join(", ")}`)];
  });
}
