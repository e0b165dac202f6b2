import type { TestRecord } from "./export.fixtures.ts";
import { records } from "./verify.fixtures.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** A time so many days behind another. */
export const laterThan = (time = "", days = 0): string => new Date(Date.parse(time) + days * dayMs).toISOString();

/** Core's word that records were deleted. */
export const retentionRecord = (timestamp: string, labels: Readonly<Record<string, string>>): TestRecord => ({
  ...records[600],
  ...{ kind: "decision", decision_id: "retention-1", timestamp },
  ...{ lane: "core", entrypoint: "recorded" },
  result: { effect: "allow", reasons: [{ rule: "audit.retention_applied", message: "", fix: "" }], obligations: [] },
  labels,
});
