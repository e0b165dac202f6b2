import type { DecisionRecord, Problem } from "@vivified/contracts";
import { changeRecord } from "../audit/index.ts";
import type { Requester } from "./guard-admin.ts";

const reason = {
  rule: "admin.failed",
  message: "An administrator may do this, and it did not happen",
  fix: "the label code says why; look it up among the errors",
};

/** How it is told that nothing came of what policy let an administrator do. The problem's own words may quote the request. */
export function failureRecord(by: Requester, action: string, { status, code }: Problem): DecisionRecord {
  const [, resource = ""] = action.split(" ");
  const labels = { status: String(status), code };
  return changeRecord({ ...by, entrypoint: "refused", action, resource, reason, labels });
}
