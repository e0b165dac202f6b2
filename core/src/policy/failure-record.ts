import type { DecisionRecord, Problem } from "@vivified/contracts";
import { changeRecord } from "../audit/index.ts";
import type { Requester } from "./guard-admin.ts";

const refused = {
  rule: "admin.failed",
  message: "An administrator may do this, and it did not happen",
  fix: "the label code says why; look it up among the errors",
};
/** The database may have committed, and its answer was lost: a record of the change says so then. */
const unsure = {
  ...refused,
  message: "An administrator may do this, and core cannot say that it happened",
  fix: "look in the same trace for a record of the change: where it is there, it happened",
};

/**
 * How it is told that nothing came of what policy let an administrator do, or that core does not know of anything. The
 * problem's own words may quote the request.
 */
export function failureRecord(by: Requester, action: string, { status, code }: Problem): DecisionRecord {
  const [, resource = ""] = action.split(" ");
  const reason = status < 500 ? refused : unsure;
  const labels = { status: String(status), code };
  return changeRecord({ ...by, entrypoint: "refused", action, resource, reason, labels });
}
