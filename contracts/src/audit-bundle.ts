import { type Static, Type } from "typebox";

const place = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** The most places behind its stretch that an export names: a core of years has some thousands. */
export const mostEvidence = 1_000_000;

/**
 * `manifest.json` of a signed export: what it says it holds. Beside it lie `checkpoint` (a signed note), `records.ndjson`
 * (a line for each record, {@link LogLine}) and `tile/…` as tlog-tiles has it. Nothing in it is believed: it says what to
 * look for; the checkpoint says what is true, and the auditor how much has to be there.
 */
export const ExportManifest = Type.Object(
  {
    format: Type.Literal("vivified-audit-export/v1"),
    /** The log, as its checkpoint names it. */
    origin: Type.String({ minLength: 1, maxLength: 300 }),
    /** Entries of the log at the checkpoint. */
    size: place,
    /** The stretch of the log that was exported: `from` up to, not including, `to`. */
    from: place,
    to: place,
    /** Places behind the stretch: what says that retention deleted something of it, and outcomes and decisions that were told later. */
    evidence: Type.Array(place, { maxItems: mostEvidence }),
    made_at: Type.String({ maxLength: 40 }),
    /** What was asked for. */
    filter: Type.Record(Type.String({ maxLength: 40 }), Type.String({ maxLength: 200 })),
  },
  { additionalProperties: false },
);
export type ExportManifest = Static<typeof ExportManifest>;

/** A line of `records.ndjson`: canonical JSON (RFC 8785) of a record and its place in the log. */
export function logLine(index: number, canonicalRecord: string): string {
  return `{"index":${index},"record":${canonicalRecord}}`;
}

const time = Type.String({ format: "date-time" });

/**
 * `GET /admin/audit/bundle`: a signed export of a stretch of the log, by places or from the first to the last decision in a
 * time, with their outcomes; the whole log when nothing is said. `compare` is the size of a checkpoint that was kept: the export leads there.
 */
export const BundleQuery = Type.Object(
  {
    from: Type.Optional(place),
    to: Type.Optional(place),
    since: Type.Optional(time),
    until: Type.Optional(time),
    compare: Type.Optional(place),
  },
  { additionalProperties: false },
);
export type BundleQuery = Static<typeof BundleQuery>;
