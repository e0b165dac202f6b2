import { existsSync } from "node:fs";
import { join } from "node:path";
import { opaAnswer } from "@vivified/pdp";
import type { Finding } from "./finding.ts";
import { isOurs, originOf, type Workspace } from "./workspace.ts";

type Violation = {
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly level: string;
  readonly location: { readonly file: string; readonly row: number; readonly col: number };
};

/**
 * Regal with the platform's configuration and rules over the whole of the policies, since references go both ways; what it
 * finds in files of others is not told.
 *
 * @throws Error when Regal cannot be run
 */
export async function lintRego(regal: string, directory: string, workspace: Workspace): Promise<readonly Finding[]> {
  const settings = join(workspace.floor, ".regal");
  const rules = join(settings, "rules");
  const config = existsSync(settings) ? ["--config-file", join(settings, "config.yaml")] : [];
  const ours = existsSync(rules) ? ["--rules", rules] : [];
  const args = ["lint", "--format", "json", ...config, ...ours, "."];
  const { stdout, stderr } = await opaAnswer({ opa: regal, cwd: directory, args });
  const violations = violationsIn(stdout);
  if (violations === undefined) throw new Error(`regal lint failed: ${(stderr || stdout).trim()}`);
  const placed = violations.map((one) => ({ ...one, place: one.location.file.replace(/^\.\//, "") }));
  return placed.filter(({ place }) => isOurs(workspace, place)).map((one) => findingOf(one, workspace));
}

function violationsIn(printed: string): readonly Violation[] | undefined {
  try {
    const { violations }: { readonly violations?: readonly Violation[] } = JSON.parse(printed);
    return Array.isArray(violations) ? violations : undefined;
  } catch {
    return undefined; // it could not lint at all
  }
}

function findingOf(
  { title, description, category, level, location, place }: Violation & { place: string },
  workspace: Workspace,
): Finding {
  const { row, col: column } = location;
  const file = originOf(workspace, place);
  return {
    rule: `regal/${category}/${title}`,
    level: level === "error" ? "error" : "warning",
    message: description,
    file,
    row,
    column,
  };
}
