import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { VivifiedError } from "@vivified/runtime";
import { parseCheckpoint, splitNote } from "@vivified/tlog";
import { checkpointPath, copyLog, diskStorage, type LogStorage } from "../transparency/index.ts";

/** In a backup the log is a directory that any web server could serve as it is. */
const logIn = (directory: string) => diskStorage(join(directory, "log"));

/**
 * Copies the log as this checkpoint has it, with the checkpoint, into a backup.
 *
 * @throws VivifiedError `log_inconsistent` when the log lacks a file
 */
export async function backUpLog(
  checkpoint: string,
  { from, directory }: { from: Pick<LogStorage, "read">; directory: string },
): Promise<void> {
  await mkdir(join(directory, "log"));
  await copyWhole(checkpoint, from, logIn(directory));
}

/** Puts the log of a backup where none is. @throws VivifiedError `log_inconsistent` when a file is missing, or another lies in its place */
export function restoreLog(
  checkpoint: string,
  { directory, to }: { directory: string; to: LogStorage },
): Promise<void> {
  return copyWhole(checkpoint, logIn(directory), to);
}

/** @throws VivifiedError `conflict` where a log lies already */
export async function requireNoLog(storage: Pick<LogStorage, "read">): Promise<void> {
  if ((await storage.read(checkpointPath)) === undefined) return;
  throw new VivifiedError("conflict", { detail: "a log lies there already: name a place that holds none" });
}

/** The checkpoint comes last: until it lies there, no log does. */
async function copyWhole(checkpoint: string, from: Pick<LogStorage, "read">, to: LogStorage): Promise<void> {
  if (checkpoint === "") return;
  await copyLog(sizeOf(checkpoint), from, to);
  await to.replace(checkpointPath, Buffer.from(checkpoint));
}

/** What it says; who signed it is checked once everything is restored. */
function sizeOf(checkpoint: string): number {
  const size = parseCheckpoint(splitNote(checkpoint)?.text ?? "")?.size;
  if (size === undefined) throw new VivifiedError("malformed", { detail: "the backup's checkpoint is none" });
  return size;
}
