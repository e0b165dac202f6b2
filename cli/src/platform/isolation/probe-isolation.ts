import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Guard } from "../guard/guard.ts";
import { Sandbox, systemPath } from "./sandbox.ts";

export type Isolation =
  | { readonly mode: "namespaces" }
  /** Plugins run as plain processes of this user. `missing` says what would have to be there. */
  | { readonly mode: "off"; readonly missing: readonly string[] };

const run = promisify(execFile);
const required = ["unshare", "nsenter", "setpriv", "prlimit", "mount", "umount", "pivot_root", "sh", "cat"];
const anyOf = ["ip", "ifconfig", "python3"];

/** Finds out by trying: a namespace is made and entered, and what is inside is compared with what was asked for. */
export async function probeIsolation(home: string, guard: Guard): Promise<Isolation> {
  if (process.getuid?.() !== 0) return { mode: "off", missing: ["root (plugins run as plain processes of your user)"] };
  const missing = await missingCommands();
  if (missing.length > 0) return { mode: "off", missing };
  const failure = await tryIt(home, guard).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return failure === undefined ? { mode: "namespaces" } : { mode: "off", missing: [`namespaces: ${failure}`] };
}

async function missingCommands(): Promise<string[]> {
  const absent = await Promise.all(required.map(async (name) => ((await onPath(name)) ? [] : [`the command ${name}`])));
  const loopback = await Promise.all(anyOf.map(onPath));
  return [...absent.flat(), ...(loopback.includes(true) ? [] : [`one of the commands ${anyOf.join(", ")}`])];
}

async function onPath(name: string): Promise<boolean> {
  const folders = (systemPath().PATH ?? "").split(":");
  const found = await Promise.all(folders.map((folder) => isExecutable(join(folder, name))));
  return found.includes(true);
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function tryIt(home: string, guard: Guard): Promise<void> {
  const directory = await mkdtemp(join(home, "probe-"));
  try {
    await using sandbox = await Sandbox.open({ name: "probe", directory, mounts: [], network: "empty", guard });
    const { file, args } = sandbox.enter({ user: 54_321, file: "cat", args: ["/proc/self/status", "/proc/net/dev"] });
    const { stdout } = await run(file, [...args], { env: systemPath() });
    for (const expected of [/^Uid:\t54321\t54321\t54321\t54321$/m, /^CapEff:\t0+$/m, /^NoNewPrivs:\t1$/m, /^\s*lo:/m]) {
      if (!expected.test(stdout)) throw new Error("what runs inside is not confined");
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
