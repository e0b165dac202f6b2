import { join } from "node:path";
import { buildBundle, checkSources, type PolicyRule } from "@vivified/pdp";
import { VivifiedError } from "@vivified/runtime";
import type { Finding } from "./finding.ts";
import { here, toFinding, type Workspace } from "./workspace.ts";

/** Without rules when it does not come to that. */
export type CompiledRules = { readonly findings: readonly Finding[]; readonly rules?: readonly PolicyRule[] };

/** Compiles policies strictly, with typed inputs and only what the engine has; then builds them, which refuses the rest. */
export async function compileRules(opa: string, directory: string, workspace: Workspace): Promise<CompiledRules> {
  const contract = {
    capabilities: join(workspace.floor, "capabilities.json"),
    schemas: join(workspace.floor, "schemas"),
  };
  const faults = await checkSources({ opa, directory, ...contract });
  if (faults.length > 0) return { findings: faults.map(toFinding(workspace)) };
  try {
    const { bundle } = await buildBundle({ opa, source: workspace });
    return { findings: [], rules: bundle.rules };
  } catch (error) {
    if (!(error instanceof VivifiedError)) throw error;
    const place = { file: here(workspace.root), row: 0, column: 1 };
    return {
      findings: [{ rule: "build", level: "error", message: error.detail ?? error.message, ...place }],
    };
  }
}
