import type { ApproveRequest } from "@vivified/contracts";

/** A plugin that a platform runs. */
export type PluginSpec = {
  readonly id: string;
  /** Its folder below the checkout's `plugins/`. */
  readonly folder: string;
  /** The plugin's own settings, given to it as a JSON file. */
  readonly config: Readonly<Record<string, unknown>>;
  /** What an operator grants it. */
  readonly grants: ApproveRequest["grants"];
  /** It takes orders on stdin and answers on stdout (`newsletter`, the demo's puppet). */
  readonly puppet?: boolean;
};
