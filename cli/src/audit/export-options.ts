import { lineFormats } from "@vivified/contracts";
import type { CoreOptions } from "../core/core-options.ts";
import type { PastOptions } from "../decisions/past-options.ts";

/** `bundle` is a signed stretch of the log, a `.tar.gz`. */
export const exportFormats = [...lineFormats, "bundle"] as const;

export type ExportOptions = CoreOptions &
  PastOptions & {
    readonly output: string;
    readonly format: (typeof exportFormats)[number];
    readonly from?: number;
    readonly to?: number;
    readonly checkpoint?: string;
    readonly json?: boolean;
  };
