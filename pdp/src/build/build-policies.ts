import type { PolicyManifest } from "./manifest.ts";

export type BuildOptions = {
  /** Path of the OPA binary (built with Wasm). */
  readonly opa: string;
  /** The `policies/` folder: `vivified/`, `data/`. */
  readonly source: string;
  /** Where the policy directory goes (`POLICY_DIR`). */
  readonly output: string;
};

export async function buildPolicies(_options: BuildOptions): Promise<PolicyManifest> {
  throw new Error("not written yet");
}
