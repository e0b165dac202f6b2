import type { ShadowReport } from "@vivified/contracts";

const mostExamples = 20;
const counts = ["judged", "skipped", "failed", "would_deny", "would_allow", "fields_changed"] as const;

/** What a candidate would do to the traffic of all gateways together, since the first of them began; nothing when none did. */
export function mergeShadowReports(revision: string, reports: readonly ShadowReport[]): ShadowReport {
  const ours = reports.filter((report) => report.revision === revision);
  const sums = counts.map((name) => [name, ours.reduce((sum, report) => sum + report[name], 0)] as const);
  const since = ours.map((report) => report.since).sort()[0] ?? new Date().toISOString();
  const examples = ours.flatMap((report) => report.examples).sort(latestFirst);
  return { revision, since, ...(Object.fromEntries(sums) as Counts), examples: examples.slice(0, mostExamples) };
}

type Counts = Pick<ShadowReport, (typeof counts)[number]>;
type Example = ShadowReport["examples"][number];

/** Decision ids are UUIDv7: they sort by time. */
function latestFirst(one: Example, other: Example): number {
  if (one.decision_id === other.decision_id) return 0;
  return one.decision_id < other.decision_id ? 1 : -1;
}
