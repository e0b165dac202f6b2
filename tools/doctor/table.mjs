const marks = { ok: "✓", note: "•", bad: "✗" };

/** Findings as a table that people read; what mends a finding stands below it. */
export function table(findings) {
  const columns = ["name", "version", "says", "path"];
  const width = Object.fromEntries(columns.map((column) => [column, widest(findings, column)]));
  return findings
    .flatMap((finding) => [row(finding, columns, width), finding.fix && `    fix: ${finding.fix}`])
    .filter(Boolean)
    .join("\n");
}

function row(finding, columns, width) {
  const cells = columns.map((column) => (finding[column] ?? "").padEnd(width[column]));
  return `${marks[finding.state]} ${cells.join("  ")}`.trimEnd();
}

/** A long sentence is not allowed to push every path out of sight. */
function widest(findings, column) {
  const lengths = findings.map((finding) => (finding[column] ?? "").length);
  return Math.max(0, ...lengths.filter((length) => length <= 46));
}
