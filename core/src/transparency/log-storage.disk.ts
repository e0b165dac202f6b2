import { randomUUID } from "node:crypto";
import { link, mkdir, open, readFile, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { logInconsistency } from "./log-inconsistency.ts";
import type { LogStorage } from "./log-storage.ts";

/** A directory that any web server could serve as it is. Files appear whole and are on the disk before a put returns. */
export function diskStorage(directory: string): LogStorage {
  const root = resolve(directory); // as `dirname` writes it
  return {
    read: (path) => readIfThere(join(root, path)),
    putOnce: async (path, bytes) => {
      const target = join(root, path);
      const there = await readIfThere(target);
      if (there === undefined) await place(root, target, bytes, link);
      else if (!there.equals(bytes)) throw logInconsistency(`${path} is there already, with other content`);
      else await syncFolders(root, target); // whoever put it may have died before this
    },
    replace: (path, bytes) => place(root, join(root, path), bytes, rename),
    remove: async (path) => {
      await rm(join(root, path), { force: true });
      await rmdir(dirname(join(root, path))).catch(() => undefined); // the folder goes with its last file
    },
  };
}

type Finish = (draft: string, target: string) => Promise<void>;

/** A draft beside the target, on the disk before it gets its name. */
async function place(root: string, target: string, bytes: Uint8Array, finish: Finish): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const draft = `${target}.${randomUUID()}.draft`;
  try {
    const file = await open(draft, "wx", 0o644);
    await file.writeFile(bytes).finally(() => file.datasync().finally(() => file.close()));
    await finish(draft, target);
    await syncFolders(root, target);
  } finally {
    await rm(draft, { force: true });
  }
}

/** A name is durable once its folder is, and every folder once the one above is. */
async function syncFolders(root: string, target: string): Promise<void> {
  for (let folder = dirname(target); ; folder = dirname(folder)) {
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
    if (folder === root) return;
  }
}

async function readIfThere(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}
