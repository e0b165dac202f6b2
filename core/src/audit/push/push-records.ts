import type { DecisionRecord } from "@vivified/contracts";
import { newTrace } from "@vivified/runtime";
import { changeRecord } from "../change-record.ts";
import type { Refusal } from "./push-store.ts";

const own = () => ({ caller: "core", trace: newTrace() });

/** That a receiver (`opa https://logs.example/logs`) gets the log from `place` on, which it never did. */
export function beganRecord(receiver: string, place: string): DecisionRecord {
  const [format = "", address = ""] = receiver.split(" ");
  return changeRecord({
    ...own(),
    action: "begin audit push",
    resource: receiver,
    reason: { rule: "audit.push_began", message: "The audit trail is pushed to a receiver that never got it", fix: "" },
    labels: { receiver, format, host: URL.parse(address)?.host ?? "", log_index: place },
  });
}

/** That a receiver will never take a record. */
export function refusalRecord(receiver: string, { logIndex, status, detail }: Refusal): DecisionRecord {
  return changeRecord({
    ...own(),
    entrypoint: "refused",
    action: "push audit record",
    resource: receiver,
    reason: {
      rule: "audit.push_refused",
      message: "A receiver of the audit trail refuses a record for good",
      fix: "find out from the receiver why, and send it the record from an export",
    },
    labels: { log_index: String(logIndex), status: String(status), detail },
  });
}
