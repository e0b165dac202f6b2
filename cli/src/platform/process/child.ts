import { type ChildProcess, spawn } from "node:child_process";
import type { Guard } from "../guard/guard.ts";
import { keepBounded } from "./bounded-log.ts";
import { openLog } from "./log-file.ts";
import { childrenOf } from "./process-table.ts";

export type Command = {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment: nothing of ours is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly logFile: string;
  /** `ipc`: Node's channel, for its word that it is ready; `lines`: stdin and stdout belong to whoever started it. */
  readonly channel?: "ipc" | "lines";
  /** Its log is kept for it, up to a limit, instead of being its own file. */
  readonly untrusted?: boolean;
  /** What it takes as a wish to stop. Default SIGTERM. */
  readonly stopSignal?: NodeJS.Signals;
  /** The command enters namespaces and forks: who has to be asked to stop is its child. */
  readonly forks?: boolean;
};

export type Exit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

const patienceMs = 12_000;

/** One running process in a process group of its own, known to the guard. */
export class Child implements AsyncDisposable {
  readonly process: ChildProcess;
  readonly exited: Promise<Exit>;
  /** The process itself: the child of `nsenter` where the command had to enter namespaces. */
  readonly pid: number;
  readonly #group: number;
  readonly #signal: NodeJS.Signals;

  private constructor(started: ChildProcess, pids: { group: number; pid: number }, signal: NodeJS.Signals) {
    this.process = started;
    this.#group = pids.group;
    this.pid = pids.pid;
    this.#signal = signal;
    this.exited = exitOf(started);
  }

  /** @throws Error when the command cannot be run at all */
  static async start(command: Command, guard: Guard): Promise<Child> {
    const started = await spawnCommand(command);
    const group = started.pid;
    if (group === undefined) throw new Error(`${command.name} did not start: ${command.file}`);
    const pid = command.forks ? await childOf(started, group) : group;
    const signal = command.stopSignal ?? "SIGTERM";
    await guard.watch({ pid: group, gentle: { pid, signal } });
    const child = new Child(started, { group, pid }, signal);
    void child.exited.then(() => guard.forget(group));
    return child;
  }

  kill(signal: NodeJS.Signals): void {
    sendSignal(signal === "SIGKILL" ? -this.#group : this.pid, signal);
  }

  /** Asks it to stop, ends its whole group when it does not, and returns when it is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.kill(this.#signal);
    const impatience = setTimeout(() => this.kill("SIGKILL"), patienceMs);
    await this.exited;
    clearTimeout(impatience);
    this.kill("SIGKILL"); // whatever it left behind in its group
  }
}

async function spawnCommand(command: Command): Promise<ChildProcess> {
  const { untrusted = false, channel } = command;
  const log = await openLog(command.logFile);
  const said = untrusted ? "pipe" : log.fd;
  const [stdin, stdout] = channel === "lines" ? (["pipe", "pipe"] as const) : (["ignore", said] as const);
  const ipc = channel === "ipc" ? (["ipc"] as const) : [];
  try {
    const started = spawn(command.file, command.args, {
      cwd: command.cwd,
      env: { ...command.env },
      stdio: [stdin, stdout, said, ...ipc],
      detached: true,
    });
    started.on("error", () => undefined); // told by its missing pid
    const outputs = untrusted ? [channel === "lines" ? null : started.stdout, started.stderr] : [];
    for (const output of outputs) if (output !== null) keepBounded(output, command.logFile);
    return started;
  } finally {
    await log.close();
  }
}

function exitOf(started: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    if (started.exitCode !== null || started.signalCode !== null) {
      resolve({ code: started.exitCode, signal: started.signalCode });
    }
    started.once("exit", (code, signal) => resolve({ code, signal }));
  });
}

/** `nsenter` forks at once; a command that ends before its child is seen is its own child. */
async function childOf(started: ChildProcess, pid: number): Promise<number> {
  while (started.exitCode === null && started.signalCode === null) {
    const [child] = await childrenOf(pid);
    if (child !== undefined) return child;
  }
  return pid;
}

function sendSignal(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch {
    // gone already
  }
}
