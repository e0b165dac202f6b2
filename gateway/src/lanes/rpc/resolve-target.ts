import type { Operation, Plugin, Snapshot } from "../../snapshot/snapshot.ts";
import type { Call } from "./accept-call.ts";

export type Target = { readonly target: Plugin; readonly operation: Operation };

/**
 * Finds what a call names, or nothing. Whether the caller may know of it is another question: `conceal` makes "not
 * granted" and "does not exist" the same 404, so plugins cannot map the platform by asking.
 */
export function resolveTarget(call: Call, snapshot: Snapshot): Target | undefined {
  const target = snapshot.plugins.get(call.plugin);
  const operation = target?.operations.get(call.operation);
  return target && operation && { target, operation };
}
