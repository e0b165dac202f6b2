import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** A reader's terminal: what one block of a document defines, the next blocks know. */
export class Terminal {
  #defined = "";
  readonly #cwd: string;
  readonly #env: NodeJS.ProcessEnv;

  constructor(cwd: string, env: Readonly<Record<string, string>>) {
    this.#cwd = cwd;
    this.#env = { ...process.env, ...env, NO_COLOR: "1" };
  }

  /**
   * Types the commands of a block; it ends at the first one that fails.
   * @returns what appeared on standard output
   * @throws Error with all that appeared when a command failed
   */
  async type(commands: string): Promise<string> {
    const script = `${this.#defined}\n${commands}`;
    const shell = spawn("bash", ["-eo", "pipefail", "-c", script], { cwd: this.#cwd, env: this.#env });
    const [said, complained, [code]] = await Promise.all([text(shell.stdout), text(shell.stderr), once(shell, "exit")]);
    if (code !== 0) throw new Error(`${commands}ended with ${code}:\n${said}\n${complained}`);
    this.#defined += definitionsIn(commands);
    return said;
  }
}

/** Functions and variables. */
const definitionsIn = (commands: string): string =>
  commands
    .split("\n")
    .filter((line) => /^(\w+\(\) \{|\w+=)/.test(line))
    .map((line) => `${line}\n`)
    .join("");
