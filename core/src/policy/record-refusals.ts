import type { Reason } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { changeRecord } from "../audit/index.ts";
import type { Stores } from "../stores.ts";
import type { Requester } from "./guard-admin.ts";

export type RecordRefusalsDeps = { readonly stores: { readonly decisions: Pick<Stores["decisions"], "append"> } };

const told: readonly string[] = ["policy_bundle_refused", "conflict", "denied"];

/** Writes down that a change of the policy was refused, and why, before whoever asked hears of it. */
export async function recordRefusals<T>(
  action: string,
  by: Requester,
  { stores, work }: RecordRefusalsDeps & { readonly work: () => Promise<T> },
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof VivifiedError && told.includes(error.code)) await stores.decisions.append([refusal(error)]);
    throw error;
  }

  function refusal(error: VivifiedError) {
    return changeRecord({ ...by, entrypoint: "refused", action, resource: "policy", ...why(error) });
  }
}

function why({ code, detail, extra }: VivifiedError): { readonly reason: Reason; readonly labels: { fault: string } } {
  const [given] = extra.reasons ?? [];
  const fix = "look at what is in force and at the bundle, then ask again";
  const message = detail ?? "The change was refused";
  return {
    reason: given ?? { rule: `policy.${code === "conflict" ? code : "bundle_refused"}`, message, fix },
    labels: { fault: extra.fault ?? code },
  };
}
