import type { ShadowReport } from "@vivified/contracts";

/** What a candidate would have done, for people. */
export function shadowText(report: ShadowReport): string {
  const { revision, since, judged, skipped, failed, would_deny, would_allow, fields_changed, examples } = report;
  return [
    `candidate ${revision}, since ${since.slice(0, 19)}Z`,
    `  judged           ${judged}${skipped === 0 ? "" : ` (${skipped} did not fit its queue)`}`,
    `  would deny       ${would_deny}`,
    `  would allow      ${would_allow}`,
    `  fields changed   ${fields_changed}`,
    `  failed           ${failed}`,
    ...examples.map(
      (one) => `  ${one.decision_id}  ${one.entrypoint}: ${one.active} → ${one.candidate}  ${one.rules.join(", ")}`,
    ),
  ].join("\n");
}
