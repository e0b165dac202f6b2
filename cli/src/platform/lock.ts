import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { bootId, startTimeOf } from "./process/process-table.ts";

type Holder = { readonly pid: number; readonly started: string; readonly boot: string };

/** Another platform runs in this home. */
export class HomeInUseError extends Error {
  override readonly name = "HomeInUseError";
}

/**
 * Holds a home for one platform. A lock whose process is gone (another boot, no such process, or a process with the same
 * id that started at another time) counts as abandoned and is taken over.
 *
 * @throws HomeInUseError while the holder lives
 */
export async function lockHome(path: string): Promise<AsyncDisposable> {
  const mine: Holder = { pid: process.pid, started: (await startTimeOf(process.pid)) ?? "", boot: await bootId() };
  while (!(await take(path, mine))) await removeAbandoned(path);
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

/** A link appears with its content or not at all, so nobody ever reads half a lock. */
async function take(path: string, mine: Holder): Promise<boolean> {
  const draft = `${path}.${mine.pid}`;
  await writeFile(draft, JSON.stringify(mine), { mode: 0o600 });
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function removeAbandoned(path: string): Promise<void> {
  const holder = await read(path);
  if (holder === undefined) return;
  if (await lives(holder)) {
    throw new HomeInUseError(
      `a platform already runs in this directory (process ${holder.pid}). Stop it first, or name another directory with VIVIFIED_HOME. (${path})`,
    );
  }
  await rename(path, `${path}.abandoned`).catch(() => undefined);
  await rm(`${path}.abandoned`, { force: true });
}

async function read(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

async function lives(holder: Holder): Promise<boolean> {
  if (holder.boot !== (await bootId())) return false;
  return (await startTimeOf(holder.pid)) === holder.started;
}
