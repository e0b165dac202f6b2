import { chown, mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import type { Guard } from "../guard/guard.ts";
import { type Mount, Sandbox } from "../isolation/sandbox.ts";

export type PostgresFiles = {
  /** Everything of the database lies here. */
  readonly folder: string;
  /** The folder that holds `postgres` and `initdb`. */
  readonly binaries: string;
};

/** Where PostgreSQL's programs run and what its files are called there. */
export type PostgresPlace = AsyncDisposable & {
  readonly data: string;
  /** The same folder as everybody else sees it. */
  readonly dataOutside: string;
  readonly program: (
    name: string,
    args: readonly string[],
  ) => { file: string; args: readonly string[]; forks: boolean };
};

/** Runs it as ourselves: PostgreSQL wants anybody but root. @throws Error when the system has no name for our user */
export async function ordinaryPlace({ folder, binaries }: PostgresFiles): Promise<PostgresPlace> {
  requireNamedUser();
  const data = join(folder, "data");
  await mkdir(data, { recursive: true, mode: 0o700 });
  const program = (name: string, args: readonly string[]) => ({ file: join(binaries, name), args, forks: false });
  return { data, dataOutside: data, program, [Symbol.asyncDispose]: async () => undefined };
}

/** A container may run as a uid that is in no passwd file; initdb then says something that nobody understands. */
function requireNamedUser(): void {
  try {
    userInfo();
  } catch (cause) {
    const uid = process.getuid?.();
    throw new Error(
      `PostgreSQL does not run for a user without a name: add uid ${uid} to /etc/passwd, or name another server in DATABASE_URL`,
      { cause },
    );
  }
}

/**
 * Runs it under a uid of its own with a root file system of its own, because it refuses to be root, and that other user
 * may not be able to enter the folders above us. The user exists in no table but a file that only it sees.
 */
export async function confinedPlace(files: PostgresFiles & { user: number; guard: Guard }): Promise<PostgresPlace> {
  const { folder, binaries, user, guard } = files;
  const dataOutside = join(folder, "data");
  await mkdir(dataOutside, { recursive: true, mode: 0o700 });
  await giveTo(dataOutside, user);
  const passwd = join(folder, "passwd");
  await writeFile(passwd, `postgres:x:${user}:${user}::/data:/bin/false\n`, { mode: 0o644 });
  const sandbox = await Sandbox.open({
    name: "postgres",
    directory: join(folder, "root"),
    network: "host",
    guard,
    mounts: [
      { kind: "tmp", size: "256m", target: "/dev/shm" },
      { kind: "tmp", size: "64m", target: "/tmp" },
      // After /tmp: the checkout may lie below it, and a later mount is on top.
      ...programMounts(binaries),
      { kind: "ro", source: passwd, target: "/etc/passwd" },
      { kind: "rw", source: dataOutside, target: "/data" },
    ],
  });
  return {
    data: "/data",
    dataOutside,
    program: (name, args) => ({ ...sandbox.enter({ user, file: join(binaries, name), args }), forks: true }),
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}

/** At the same path as outside: the programs find their libraries from there. All of `/usr` is there anyway. */
function programMounts(binaries: string): Mount[] {
  const installation = dirname(binaries);
  return binaries.startsWith("/usr/") ? [] : [{ kind: "ro", source: installation, target: installation }];
}

/** A home that was moved or copied has another uid: its files follow. */
async function giveTo(folder: string, user: number): Promise<void> {
  if ((await stat(folder)).uid === user) return;
  const inside = await readdir(folder, { recursive: true });
  for (const path of [folder, ...inside.map((name) => join(folder, name))]) await chown(path, user, user);
}
