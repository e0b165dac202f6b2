import type { AlertNotice } from "@vivified/contracts";

const states: Readonly<Record<AlertNotice["type"], string>> = {
  "alert.opened": "opened",
  "alert.repeated": "still open",
  "alert.resolved": "resolved",
};

/** A notice as people read it. The subject is made of constant words alone; names stand in the text. */
export function mailText({ type, data }: AlertNotice): { readonly subject: string; readonly text: string } {
  const lines = [
    data.message,
    "",
    `Rule: ${data.rule}`,
    `About: ${data.subject}`,
    `Since: ${data.opened_at}`,
    ...Object.entries(data.labels).map(([name, value]) => `${name}: ${value}`),
    "",
    ...(type === "alert.resolved"
      ? []
      : [`Acknowledge with: vivified alerts ack ${data.id} --note "<what you found>"`]),
  ];
  return { subject: `[vivified] ${data.severity}: ${data.rule} ${states[type]}`, text: lines.map(oneLine).join("\n") };
}

/** Names come from outside: no line of a mail may look like another one. */
const oneLine = (line: string): string => line.replace(/[\p{Cc}\u2028\u2029]/gu, " ");
