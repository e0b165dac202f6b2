import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import type { Finding } from "../finding.ts";

/** SARIF 2.1.0 (OASIS), as code scanning takes it. */
export function sarifReport(findings: readonly Finding[]): string {
  const ids = [...new Set(findings.map(({ rule }) => rule))].sort();
  const driver = { name: "vivified policy", rules: ids.map((id) => ({ id })) };
  const run = { tool: { driver }, columnKind: "utf16CodeUnits", results: findings.map((one) => resultOf(one, ids)) };
  const schema = "https://json.schemastore.org/sarif-2.1.0.json";
  return `${JSON.stringify({ $schema: schema, version: "2.1.0", runs: [run] }, undefined, 2)}\n`;
}

function resultOf({ rule, level, message, file, row, column }: Finding, ids: readonly string[]) {
  const region = row === 0 ? {} : { region: { startLine: row, startColumn: column } };
  const physicalLocation = { artifactLocation: { uri: uriOf(file) }, ...region };
  return {
    ruleId: rule,
    ruleIndex: ids.indexOf(rule),
    level,
    message: { text: message },
    locations: [{ physicalLocation }],
  };
}

/** Relative to the repository, with forward slashes and percent-encoded (§3.4.4). */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.split(/[\\/]/).map(encodeURIComponent).join("/");
}
