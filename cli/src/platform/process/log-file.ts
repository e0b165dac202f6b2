import { type FileHandle, open, readFile } from "node:fs/promises";

/** Opens a log for appending (0600): children write to it themselves, so it stays complete when the platform dies. */
export function openLog(file: string): Promise<FileHandle> {
  return open(file, "a", 0o600);
}

/** The end of a log, for a message that says why something did not start. */
export async function lastLines(file: string, count = 15): Promise<string> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.trimEnd().split("\n").slice(-count).join("\n");
}
