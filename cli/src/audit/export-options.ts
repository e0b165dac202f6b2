import { lineFormats } from "@vivified/contracts";
import type { CoreOptions } from "../core/core-options.ts";

/** `bundle` is a signed stretch of the log, a `.tar.gz`. */
export const exportFormats = [...lineFormats, "bundle"] as const;

export type ExportOptions = CoreOptions & {
  readonly output: string;
  readonly format: (typeof exportFormats)[number];
  readonly since?: string;
  readonly until?: string;
  readonly lane?: string;
  readonly caller?: string;
  readonly target?: string;
  readonly effect?: string;
  readonly rule?: string;
  readonly from?: number;
  readonly to?: number;
  readonly checkpoint?: string;
  readonly json?: boolean;
};
