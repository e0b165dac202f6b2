import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

export type SpawnOptions = { readonly env?: NodeJS.ProcessEnv; readonly asNobody?: boolean; readonly cwd?: string };

const nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", "--"];

/** Starts a program; as root another user may be asked for. Its output is kept and shown when it fails. */
export function startProgram(file: string, args: readonly string[], options: SpawnOptions = {}): Program {
  const [command, all] = options.asNobody ? ["setpriv", [...nobody, file, ...args]] : [file, [...args]];
  const child = spawn(command, all, {
    env: options.env ?? process.env,
    cwd: options.cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new Program(child);
}

export class Program implements AsyncDisposable {
  readonly child: ChildProcess;
  #output = "";

  constructor(child: ChildProcess) {
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        this.#output = (this.#output + chunk.toString()).slice(-100_000);
      });
    }
  }

  get output(): string {
    return this.#output;
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Sends a signal and waits until the program is gone. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    if (this.ended) return;
    const exit = once(this.child, "exit");
    this.child.kill(signal);
    await exit;
  }

  async succeeded(): Promise<void> {
    if (!this.ended) await once(this.child, "exit");
    if (this.child.exitCode !== 0) throw new Error(this.#output);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
  }
}

/** Waits until a condition holds; the last error is told when it does not within the time. */
export async function until<T>(condition: () => Promise<T | undefined | false>, timeoutMs = 15_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const [value, error] = await condition().then(
      (found) => [found, undefined] as const,
      (reason: unknown) => [undefined, reason] as const,
    );
    if (value !== undefined && value !== false) return value;
    if (Date.now() > deadline) throw new Error("the condition never held", { cause: error });
    await sleep(20);
  }
}
