import { VivifiedError } from "@vivified/runtime";
import { type Static, Type } from "typebox";
import { Check } from "typebox/value";

/** A file of the backup, by its path in it. */
const File = Type.Object({ path: Type.String(), bytes: Type.Integer(), sha256: Type.String() });
export type BackupFile = Static<typeof File>;

/** `manifest.json`, written last: a backup without one is none. */
export const BackupManifest = Type.Object({
  version: Type.Literal(1),
  made_at: Type.String(),
  /** The schema that the rows belong to: a backup is restored by the release that made it, or a later one. */
  migrations: Type.Array(Type.String()),
  /** Months that have partitions, `YYYY-MM-01`. */
  months: Type.Array(Type.String()),
  /** In the order in which they can be filled. */
  tables: Type.Array(Type.Object({ name: Type.String(), columns: Type.Array(Type.String()) })),
  /** How far the rows had taken the stream in, and how many records the log had. */
  position: Type.Object({ stream_sequence: Type.Integer(), log_size: Type.Integer() }),
  /** As JetStream described them; `description` goes back to it as it is. */
  streams: Type.Array(Type.Object({ name: Type.String(), description: Type.Record(Type.String(), Type.Unknown()) })),
  /** The newest signed checkpoint, with cosignatures, or empty; the log's files are those that it has. */
  checkpoint: Type.String(),
  /** Those of the log have a list, which is one of these. */
  files: Type.Array(File),
});
export type BackupManifest = Static<typeof BackupManifest>;

/** @throws VivifiedError `malformed` */
export function parseManifest(text: string): BackupManifest {
  const value: unknown = parsed(text);
  if (Check(BackupManifest, value) && value.files.every(({ path }) => isInside(path))) return value;
  throw new VivifiedError("malformed", { detail: "manifest.json is not that of a backup" });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A path that stays in the backup. */
export const isInside = (path: string): boolean => !path.startsWith("/") && !path.split("/").includes("..");
