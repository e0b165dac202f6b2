import type { Decision, JsonObject } from "@vivified/contracts";
import type { FieldKeys } from "./field-keys.ts";

export type Applied = { readonly decision: Decision; readonly payload: JsonObject };

/** PLACEHOLDER shape, replaced in the next commit: refuses every obligation. */
export function applyObligations(decision: Decision, payload: JsonObject, _keys: FieldKeys): Applied {
  return { decision, payload };
}
