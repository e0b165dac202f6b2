import { Type } from "typebox";

/** `VIVIFIED_CORE_AUDIT_RETENTION_DAYS`. */
export const retentionSettings = {
  auditRetentionDays: Type.Integer({
    description: "How long records of the audit trail are kept, in days; seven years unless said otherwise.",
    default: 2557,
    minimum: 31,
    maximum: 36_525,
  }),
};
