import type { ExportManifest } from "@vivified/contracts";
import type { Clock } from "@vivified/runtime";
import { tileWidth, type VerifierKey } from "@vivified/tlog";
import { type AskedStretch, asksForTime, stretchFault, stretchWarnings } from "./asked-stretch.ts";
import { compareKept } from "./compare-kept.ts";
import type { Deleted } from "./explain-mismatches.ts";
import type { ExportFiles } from "./export-files.ts";
import { checkpointName } from "./export-names.ts";
import { collectFindings, type Findings } from "./finding.ts";
import type { Span } from "./log-entries.ts";
import { MalformedExport } from "./malformed-export.ts";
import { nameRecord } from "./name-record.ts";
import { readManifest } from "./read-manifest.ts";
import { type SoundCheckpoint, type TrustedKeys, verifyCheckpoint } from "./verify-checkpoint.ts";
import { verifyRecords } from "./verify-records.ts";
import { type TileFiles, verifyTiles } from "./verify-tiles.ts";
import { verifyTime } from "./verify-time.ts";

export type VerifyExport = TrustedKeys & {
  /** What the export has to hold, at the least. */
  readonly asked: AskedStretch;
  /** A checkpoint that the auditor kept from before, as a note. */
  readonly kept?: Uint8Array;
  /** The log's key before it was changed: believed of {@link kept} alone. */
  readonly oldLog?: VerifierKey;
  /** For how long records have to be kept: no retention that deletes younger ones is believed. */
  readonly keptForDays?: number;
  /** The auditor's. */
  readonly clock: Pick<Clock, "now">;
};

export type Verification = {
  readonly findings: Findings;
  /** Absent when the export could not be read so far. */
  readonly manifest?: ExportManifest;
  readonly sound?: SoundCheckpoint;
  /** Records that are exactly as the log has them. */
  readonly verified: number;
  readonly repeats: number;
  readonly deleted: readonly Deleted[];
  /** What the auditor should know, though nothing is wrong with the export. */
  readonly warnings: readonly string[];
};

/**
 * Verifies an export with the public key alone: the checkpoint against the key, the tiles against the checkpoint, the
 * entries against the tiles, and every record against its entry. What is wrong is told with the record that it is about.
 */
export async function verifyExport(files: ExportFiles, trusted: VerifyExport): Promise<Verification> {
  const findings = collectFindings();
  const nothing = { findings, verified: 0, repeats: 0, deleted: [], warnings: [] };
  try {
    const manifest = await readManifest(files);
    const sound = verifyCheckpoint(await checkpointOf(files), trusted, findings.add);
    if (sound === undefined) return { ...nothing, manifest };
    const told = await verifyContent(files, { manifest, sound, findings, trusted });
    return { findings, manifest, sound, ...told };
  } catch (error) {
    if (!(error instanceof MalformedExport)) throw error;
    findings.add({
      ...{ kind: "malformed_export", detail: error.message },
      ...(error.path !== undefined && { path: error.path }),
    });
    return nothing;
  }
}

async function checkpointOf({ read }: ExportFiles): Promise<Buffer> {
  const note = await read(checkpointName);
  if (note === undefined) throw new MalformedExport("is missing", checkpointName);
  return note;
}

type Content = {
  readonly manifest: ExportManifest;
  readonly sound: SoundCheckpoint;
  readonly findings: Findings;
  readonly trusted: VerifyExport;
};

async function verifyContent(files: ExportFiles, { manifest, sound, findings, trusted }: Content) {
  const { checkpoint } = sound;
  const { add } = findings;
  if (manifest.size !== checkpoint.size || manifest.origin !== checkpoint.origin)
    throw new MalformedExport("does not speak of the log at this checkpoint", "manifest.json");
  const tiles = { read: files.read, holds: tilesOf(manifest) };
  const lacking = stretchFault(manifest, trusted.asked, checkpoint.size);
  if (lacking !== undefined) add(await nameRecord(lacking, checkpoint.size, tiles));
  await verifyTiles(checkpoint, tiles, add);
  if (trusted.kept !== undefined)
    await compareKept({ note: trusted.kept, ...trusted }, { checkpoint, files: tiles, add });
  return verifyStretch(files, { manifest, findings, tiles, ...trusted });
}

type Stretch = VerifyExport & Pick<Content, "manifest" | "findings"> & { readonly tiles: TileFiles };

async function verifyStretch(files: ExportFiles, stretch: Stretch) {
  const { manifest, asked, tiles, findings } = stretch;
  const spans = spansOf(manifest);
  const { retentions, entriesIn, ...told } = await verifyRecords(files, { spans, ...stretch });
  const time = { manifest, asked, tiles, retentions, entriesIn, add: findings.add };
  const ofTime = asksForTime(asked) ? [await verifyTime(time)] : [];
  return { ...told, warnings: [...told.warnings, ...stretchWarnings(asked, manifest.size), ...ofTime] };
}

/** The stretch, and each place of evidence. */
function spansOf({ from, to, evidence }: ExportManifest): readonly Span[] {
  return [{ from, to }, ...evidence.map((place) => ({ from: place, to: place + 1 }))];
}

/** Whether records of the export are under the tile of level 0 with this number. */
function tilesOf({ from, to, evidence }: ExportManifest): (index: number) => boolean {
  const tileOf = (place: number) => Math.floor(place / tileWidth);
  const behind = new Set(evidence.map(tileOf));
  return (index) => (from < to && tileOf(from) <= index && index <= tileOf(to - 1)) || behind.has(index);
}
