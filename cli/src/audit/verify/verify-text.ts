import type { ExportManifest } from "@vivified/contracts";
import { harmlessText } from "../../terminal/harmless.ts";
import { placesText } from "./asked-stretch.ts";
import type { Finding } from "./finding.ts";
import type { Verification } from "./verify-export.ts";

/** What a verification found, for people. */
export function verifyText(verification: Verification): string {
  const { findings, sound } = verification;
  const total = [...findings.counts.values()].reduce((sum, count) => sum + count, 0);
  const lines = findings.list.map(findingLine);
  const more = total - lines.length;
  return [
    ...(sound === undefined ? [] : checkpointLines(verification)),
    ...recordLines(verification),
    ...verification.warnings.map((warning) => `warning: ${warning}`),
    ...(total === 0 ? [] : ["", ...lines, ...(more > 0 ? [`… and ${more} more`] : []), ""]),
    total === 0 ? "verified" : `NOT VERIFIED: ${countsOf(verification)}`,
  ]
    .map(harmlessText)
    .join("\n");
}

function checkpointLines({ sound, manifest }: Verification): string[] {
  if (sound === undefined || manifest === undefined) return [];
  const { checkpoint, witnesses } = sound;
  const root = Buffer.from(checkpoint.root).toString("base64");
  const by = witnesses.length === 0 ? "" : `, cosigned by ${witnesses.join(", ")}`;
  return [`log ${checkpoint.origin} of ${checkpoint.size} entries, root ${root}${by}`];
}

function recordLines({ manifest, sound, verified, repeats, deleted }: Verification): string[] {
  if (manifest === undefined || sound === undefined) return [];
  return [
    `${verified} records are as the log has them (${checkedText(manifest)})`,
    ...(repeats > 0 ? [`${repeats} entries tell of a record that is there under another place`] : []),
    ...deleted.map(
      ({ by, count }) => `${count} records deleted by retention until ${by.until}, as record ${by.id} says`,
    ),
  ];
}

/** Which places were checked, of how many. */
function checkedText({ from, to, size, evidence }: ExportManifest): string {
  const places = placesText({ from, to });
  if (from === 0 && to === size) return `${places}: the whole log`;
  return `${places} of ${size}${evidence.length > 0 ? `, and ${evidence.length} behind them` : ""}`;
}

/** One finding on one line, harmless to a terminal. */
export function findingLine({ kind, detail, index, id, timestamp, path }: Finding): string {
  const record = id === undefined ? [] : [id, timestamp ?? ""];
  const place = [...(index === undefined ? (path === undefined ? [] : [path]) : [`place ${index}`]), ...record];
  return harmlessText(`${kind}: ${[place.join(" "), detail].filter((part) => part !== "").join(": ")}`);
}

function countsOf({ findings }: Verification): string {
  return [...findings.counts].map(([kind, count]) => `${count} ${kind}`).join(", ");
}
