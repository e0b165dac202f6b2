import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Static, Type } from "typebox";
import { Check } from "typebox/value";
import { replaceFile } from "../identity/svid-files.ts";

/** What an instance of a process keeps of its last start, beside its SVID: whoever has the directory is the instance. */
const LastStart = Type.Object({
  /** Chosen when nothing was kept. */
  instance: Type.String({ minLength: 1, maxLength: 64 }),
  /** The record of the start; absent until there was one. */
  decision_id: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
  configuration: Type.Record(Type.String(), Type.String()),
  /** A start without a stop behind it. */
  running: Type.Boolean(),
});
export type LastStart = Static<typeof LastStart>;

const pathIn = (directory: string): string => join(directory, "last-start.json");

/** Undefined where nothing was kept, and for what is no such file: the record of the next start says that it knows none. */
export async function readLastStart(directory: string): Promise<LastStart | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(pathIn(directory), "utf8"));
    return Check(LastStart, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Makes the directory (0700) where it is not there yet, and replaces the file by rename. */
export async function keepLastStart(directory: string, start: LastStart): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await replaceFile(pathIn(directory), JSON.stringify(start));
}
