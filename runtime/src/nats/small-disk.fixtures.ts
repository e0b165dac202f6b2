import { execFile } from "node:child_process";
import { mkdtemp, rm, rmdir, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A file system of a few megabytes that is really full when it is. */
export type SmallDisk = AsyncDisposable & {
  readonly directory: string;
  /** Takes all room but so many bytes. */
  readonly fill: (leaveBytes: number) => Promise<void>;
  /** Gives back what `fill` took. */
  readonly clear: () => Promise<void>;
};

/** A tmpfs of its own. @throws Error without the right to mount one (root, CAP_SYS_ADMIN) */
export async function mountSmallDisk(megabytes: number): Promise<SmallDisk> {
  const directory = await mkdtemp(join(tmpdir(), "vivified-disk-"));
  await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", directory]).catch((cause: unknown) => {
    throw new Error("a full disk is tested on a tmpfs, which only root may mount", { cause });
  });
  const filling = join(directory, "filling");
  return {
    directory,
    fill: async (leaveBytes) => {
      const { bavail, bsize } = await statfs(directory);
      await writeFile(filling, new Uint8Array(Math.max(0, bavail * bsize - leaveBytes))).catch(unlessFull);
    },
    clear: () => rm(filling, { force: true }),
    [Symbol.asyncDispose]: async () => {
      await run("umount", ["--lazy", directory]);
      await rmdir(directory);
    },
  };
}

/** Somebody else took the rest meanwhile: full is full. */
function unlessFull(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOSPC") throw error;
}
