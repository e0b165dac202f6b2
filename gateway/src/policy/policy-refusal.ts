import { faultOf } from "@vivified/pdp";
import { VivifiedError } from "@vivified/runtime";

/** An activation that is not taken, and why; `detail` is for operators. */
export type PolicyRefusal = { readonly activation: number; readonly fault: string; readonly detail: string };

/** The refusal that an error means; undefined when the same activation may succeed later. */
export function refusalOf(activation: number, error: unknown): PolicyRefusal | undefined {
  const fault = faultOf(error);
  if (fault === undefined || !(error instanceof VivifiedError)) return undefined;
  return { activation, fault, detail: error.detail ?? fault };
}
