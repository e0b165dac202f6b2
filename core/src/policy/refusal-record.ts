import type { DecisionRecord, Reason } from "@vivified/contracts";
import type { VivifiedError } from "@vivified/runtime";
import { changeRecord } from "../audit/index.ts";
import type { Requester } from "./guard-admin.ts";

/** How a refused change of the policy is told in the decision log; a bundle's fault is a label. */
export function refusalRecord(action: string, by: Requester, error: VivifiedError): DecisionRecord {
  const labels = { fault: error.extra.fault ?? error.code };
  return changeRecord({ ...by, entrypoint: "refused", action, resource: "policy", reason: reasonOf(error), labels });
}

function reasonOf({ code, detail, extra }: VivifiedError): Reason {
  const [given] = extra.reasons ?? [];
  if (given !== undefined) return given;
  const rule = code === "conflict" ? "policy.conflict" : "policy.bundle_refused";
  const fix = "look at what is in force and at the bundle, then ask again";
  return { rule, message: detail ?? "The change was refused", fix };
}
