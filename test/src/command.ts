import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, readlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { until } from "@vivified/cli";

const checkout = resolve(import.meta.dirname, "../..");

/** The `vivified` command in a terminal of a test. */
export class Command {
  readonly process: ChildProcess;
  output = "";

  constructor(args: readonly string[], from = checkout, more: Record<string, string> = {}) {
    const env = { ...process.env, NO_COLOR: "1", ...more };
    this.process = spawn(process.execPath, [join(from, "cli/src/main.ts"), ...args], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on("data", (text) => {
        this.output += text;
      });
    }
  }

  async says(what: string | RegExp, timeoutMs = 60_000): Promise<void> {
    const heard = async () => {
      if (this.output.match(what)) return true;
      if (this.process.exitCode !== null) throw new Error(`it ended before it said ${what}:\n${this.output}`);
      return undefined;
    };
    await until(`it did not say ${what}`, heard, { timeoutMs });
  }

  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals> {
    this.process.kill(signal);
    return this.exit();
  }

  async exit(): Promise<number | NodeJS.Signals> {
    const { exitCode, signalCode } = this.process;
    if (exitCode !== null || signalCode !== null) return exitCode ?? signalCode ?? -1;
    const [code, signal] = (await once(this.process, "exit")) as [number | null, NodeJS.Signals | null];
    return code ?? signal ?? -1;
  }
}

/** Every process that works in this home, by its command line, environment or mounts, and the network namespaces of it. */
export async function leftBehind(home: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const texts = await Promise.all(
        ["cmdline", "environ", "mountinfo"].map((file) => textOf(`/proc/${pid}/${file}`)),
      );
      return texts.some((text) => text.includes(home)) ? [`${pid} ${texts[0]?.replaceAll("\0", " ")}`] : [];
    }),
  );
  return found.flat();
}

/** Network namespaces that any process is in. */
export async function networkNamespaces(): Promise<Set<string>> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const links = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/ns/net`).catch(() => "")));
  return new Set(links.filter((link) => link !== ""));
}

function textOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}
