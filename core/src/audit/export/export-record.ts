import type { DecisionRecord } from "@vivified/contracts";
import type { Requester } from "../../policy/index.ts";
import { changeRecord } from "../change-record.ts";

/** Who takes which part of the log away: written before the first byte leaves. */
export function exportRecord(format: string, asked: object, { caller, trace, parentId }: Requester): DecisionRecord {
  const filter = Object.entries(asked).filter(([, value]) => value !== undefined);
  return changeRecord({
    ...{ caller, trace },
    ...(parentId !== undefined && { parentId }),
    action: "export decisions",
    resource: "audit trail",
    reason: { rule: "audit.exported", message: "Records of the audit trail were exported", fix: "" },
    labels: { format, ...Object.fromEntries(filter.map(([name, value]) => [name, String(value)])) },
  });
}
