import type { Manifest } from "./manifest.ts";
import { consistencyViolations, consistencyWarnings } from "./manifest-consistency.ts";
import { absentDependencies, dependencyCycles, type KnownPlugin } from "./manifest-dependencies.ts";
import { domainViolations } from "./manifest-domains.ts";
import { schemaViolations } from "./manifest-schemas.ts";
import { shapeViolations } from "./manifest-shape.ts";
import type { ManifestViolation } from "./manifest-violation.ts";

export type ManifestOptions = {
  /** Absent dependencies are a warning in `dev` and a violation in `production`. */
  readonly mode: "dev" | "production";
  /** The other plugins of the platform; left out, dependencies are not looked up. */
  readonly knownPlugins?: readonly KnownPlugin[];
};

/** `manifest` is there exactly when there are no violations. */
export type ManifestValidation = {
  readonly manifest?: Manifest;
  readonly violations: readonly ManifestViolation[];
  readonly warnings: readonly ManifestViolation[];
};

const maxReported = 100;

/**
 * The one judge of manifests, for core, CLI and SDKs. Reports every violation together (at most a hundred), each with
 * where it is and how to fix it. Takes any value and never throws.
 */
export function validateManifest(value: unknown, options: ManifestOptions): ManifestValidation {
  const known = options.knownPlugins ?? [];
  const absent = options.knownPlugins === undefined ? [] : absentDependencies(value, known);
  const rules = [shapeViolations, consistencyViolations, domainViolations, schemaViolations];
  const production = options.mode === "production" ? absent : [];
  const violations = [...rules.flatMap((rule) => rule(value)), ...dependencyCycles(value, known), ...production];
  const warnings = [...consistencyWarnings(value), ...(options.mode === "dev" ? absent : [])];
  if (violations.length > 0) return { violations: violations.slice(0, maxReported), warnings };
  return { manifest: value as Manifest, violations, warnings };
}
