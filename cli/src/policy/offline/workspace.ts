import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { PolicySource, SourceFault } from "@vivified/pdp";
import { inCheckout } from "../../platform/checkout.ts";
import type { Finding } from "./finding.ts";

/** Policies to work on: a customer's on the platform's floor, or the floor itself. */
export type Workspace = PolicySource & {
  /** The folder of whoever works on it. */
  readonly root: string;
};

const shipped = (): string => inCheckout("policies");

/**
 * The policies in a folder: a floor has `vivified/` and `capabilities.json`, a customer's repository `custom/`, `modes.json`
 * or `cases/`. Without a folder it is the current one, else the policies that we ship.
 *
 * @throws Error for a folder that is neither
 */
export function openWorkspace(folder?: string): Workspace {
  const root = resolve(folder ?? ".");
  const has = (name: string) => existsSync(join(root, name));
  if (has("vivified") && has("capabilities.json")) return { root, floor: root };
  if (["custom", "modes.json", "cases"].some(has)) return { root, floor: shipped(), customer: root };
  if (folder === undefined) return { root: shipped(), floor: shipped() };
  throw new Error(
    `${folder} holds no policies: no custom/, modes.json or cases/, and no floor (vivified/, capabilities.json)`,
  );
}

/** Whether a file of the bundle belongs to whoever works on it. */
export function isOurs({ customer }: Workspace, place: string): boolean {
  return customer === undefined || place === "" || place.startsWith("custom/") || place.startsWith("modes");
}

/** Where a file of the bundle comes from, as a path that opens from here. */
export function originOf({ floor, customer }: Workspace, place: string): string {
  if (place === "") return here(customer ?? floor);
  if (customer !== undefined && existsSync(join(customer, place))) return here(join(customer, place));
  if (existsSync(join(floor, place))) return here(join(floor, place));
  return here(join(floor, "data", place));
}

/** A path as it is shown: from the current folder when it lies below it. */
export function here(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown.startsWith("..") ? path : shown || ".";
}

/** What OPA found, where people look for it. */
export const toFinding =
  (workspace: Workspace) =>
  ({ code, file, ...fault }: SourceFault): Finding => ({
    rule: `opa/${code}`,
    level: "error",
    ...fault,
    file: originOf(workspace, file),
  });
