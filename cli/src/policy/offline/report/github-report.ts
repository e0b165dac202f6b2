import type { Finding } from "../finding.ts";

/** GitHub's workflow commands: each becomes an annotation at its line. */
export function githubReport(findings: readonly Finding[]): string {
  return findings.map(annotation).join("");
}

function annotation({ rule, level, message, file, row, column }: Finding): string {
  const place = row === 0 ? [] : [`line=${row}`, `col=${column}`];
  const properties = [`file=${property(file)}`, ...place, `title=${property(rule)}`].join(",");
  return `::${level} ${properties}::${data(message)}\n`;
}

/** Both as the runner reads them back. */
const data = (text: string): string => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
