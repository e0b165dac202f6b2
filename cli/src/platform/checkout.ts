import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../../..");

/** A path inside this checkout: everything of ours runs from source. */
export function inCheckout(...segments: string[]): string {
  return join(root, ...segments);
}
