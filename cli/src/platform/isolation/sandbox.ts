import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Guard } from "../guard/guard.ts";

/** What the inside has: a file or folder of ours, read-only or not, or an empty place in memory. */
export type Mount =
  | { readonly kind: "ro" | "rw"; readonly source: string; readonly target: string }
  | { readonly kind: "tmp"; readonly size: string; readonly target: string };

export type SandboxOptions = {
  readonly name: string;
  /** An empty folder that the new root is mounted on. */
  readonly directory: string;
  readonly mounts: readonly Mount[];
  /** `empty`: loopback and nothing else. `host`: the machine's own network. */
  readonly network: "empty" | "host";
  readonly guard: Guard;
};

export type Inside = { readonly user: number; readonly file: string; readonly args: readonly string[] };

/**
 * Namespaces with a root file system of their own, kept alive by a holder process: `/usr`, what `mounts` lists, and no
 * more. They are in no table of the system and go when the holder goes.
 */
export class Sandbox implements AsyncDisposable {
  readonly #holder: ChildProcess;
  readonly #pid: number;
  readonly #options: SandboxOptions;

  private constructor(holder: ChildProcess, pid: number, options: SandboxOptions) {
    this.#holder = holder;
    this.#pid = pid;
    this.#options = options;
  }

  /** @throws Error with what the system said when a namespace or mount is refused */
  static async open(options: SandboxOptions): Promise<Sandbox> {
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    const holder = spawn("unshare", holderArguments(options), { detached: true, env: systemPath() });
    const pid = holder.pid;
    if (pid === undefined) throw new Error(`${options.name}: unshare cannot be run`);
    const ready = untilReady(holder, options.name); // listens at once: a holder may end before the guard knows of it
    const watched = options.guard.watch({ pid });
    holder.once("exit", () => void watched.then(() => options.guard.forget(pid)));
    await Promise.all([ready, watched]);
    return new Sandbox(holder, pid, options);
  }

  /** The network namespace's path, for a process outside that serves into it. */
  get networkNamespace(): string {
    return `/proc/${this.#pid}/ns/net`;
  }

  /**
   * The command line that runs something inside under its own uid, without a capability here. It may make a user
   * namespace and be root in that; over what is outside of it, that gives it nothing.
   */
  enter({ user, file, args }: Inside): { readonly file: string; readonly args: readonly string[] } {
    const namespaces = this.#options.network === "empty" ? ["mnt", "ipc", "uts", "net"] : ["mnt", "ipc", "uts"];
    const at = `/proc/${this.#pid}/ns`;
    const enter = namespaces.map((kind) => `--${longNames[kind] ?? kind}=${at}/${kind}`);
    return {
      file: "nsenter",
      args: [
        ...enter,
        `--pid=${at}/pid_for_children`,
        ...limited,
        "setpriv",
        ...withoutPrivileges(user),
        file,
        ...args,
      ],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#holder.exitCode !== null || this.#holder.signalCode !== null) return;
    const ended = once(this.#holder, "exit");
    this.#holder.kill("SIGKILL"); // `--kill-child` takes the first process inside along, and the kernel all others
    await ended;
  }
}

const longNames: Readonly<Record<string, string>> = { mnt: "mount" };

/** Only the holder's script and the tools that enter need it: what runs inside gets its own environment. */
export function systemPath(): Record<string, string> {
  return { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };
}

/** Processes, open files and core dumps: what one uid could take from the whole machine. */
const limited = ["prlimit", "--nproc=512:512", "--nofile=4096:4096", "--core=0:0"];

function withoutPrivileges(user: number): string[] {
  const drop = ["--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all", "--no-new-privs"];
  return [`--reuid=${user}`, `--regid=${user}`, "--clear-groups", ...drop];
}

function holderArguments({ directory, mounts, network }: SandboxOptions): string[] {
  const namespaces = ["--mount", "--ipc", "--uts", "--pid", ...(network === "empty" ? ["--net"] : [])];
  const script = join(import.meta.dirname, "sandbox.sh");
  const loopback = network === "empty" ? ["up", "-", "-"] : [];
  const listed = mounts.flatMap((mount) => [
    mount.kind,
    mount.kind === "tmp" ? mount.size : mount.source,
    mount.target,
  ]);
  // `cat` reads our end of a pipe: should we die, it ends, and everything inside with it
  const holder = ["--", "cat"];
  return [...namespaces, "--fork", "--kill-child", "sh", script, directory, ...loopback, ...listed, ...holder];
}

async function untilReady(holder: ChildProcess, name: string): Promise<void> {
  const { stdout, stderr } = holder;
  if (stdout === null || stderr === null) throw new Error(`${name}: the holder has no pipes`);
  const said = text(stderr);
  const answer = await Promise.race([once(stdout, "data"), once(holder, "exit")]);
  if (String(answer[0]).trim() === "ready") return;
  throw new Error(`${name}: namespaces could not be made: ${(await said).trim()}`);
}
