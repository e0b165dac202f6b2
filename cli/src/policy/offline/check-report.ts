import type { Finding } from "./finding.ts";

/** The things that `vivified policy check` looks at. */
export const checkNames = ["compile", "lint", "cases", "modes"] as const;
export type CheckName = (typeof checkNames)[number];

/** What it found; the shape of its JSON. */
export type CheckReport = {
  readonly passed: number;
  readonly failed: number;
  readonly checks: readonly { readonly check: CheckName; readonly findings: readonly Finding[] }[];
};

/** All findings of all checks. */
export const allFindings = ({ checks }: CheckReport): readonly Finding[] => checks.flatMap(({ findings }) => findings);
