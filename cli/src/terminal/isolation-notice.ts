import { styleText } from "node:util";
import type { Isolation } from "../platform/isolation/probe-isolation.ts";

/** How plugins are kept apart, so loud when they are not that nobody can take one for the other. */
export function isolationNotice(isolation: Isolation): string {
  if (isolation.mode === "namespaces") {
    return "isolation  each plugin in an empty network namespace, under its own uid, without capabilities";
  }
  const lines = [
    "NAMESPACE ISOLATION IS OFF: plugins are plain processes of your user. They can reach the network",
    "and your files; only what goes over their Envoys is decided and recorded. Not for untrusted plugins.",
    `Missing: ${isolation.missing.join(", ")}`,
  ];
  const width = Math.max(...lines.map((line) => line.length));
  return lines.map((line) => styleText(["bold", "yellow"], `!! ${line.padEnd(width)} !!`)).join("\n");
}
