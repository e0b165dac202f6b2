import { type FileHandle, open, readFile } from "node:fs/promises";

/** Something that happened outside the platform. `atMs` is this machine's clock when the sink heard of it. */
export type Effect = {
  readonly sink: "rpc" | "never" | "delivery" | "http" | "mail";
  /** The harness's id of what was asked for. */
  readonly op: string;
  readonly atMs: number;
  /** The permit that it came with, where the platform tells the sink. */
  readonly decisionId?: string;
  readonly eventId?: string;
};

/** A sink's own memory: JSON lines, each on disk before the sink answers. */
export class EffectLog implements AsyncDisposable {
  readonly #file: FileHandle;
  #last: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async open(path: string): Promise<EffectLog> {
    return new EffectLog(await open(path, "a", 0o600));
  }

  /** Resolves once it is on disk. The time is that of the call. */
  note(effect: Omit<Effect, "atMs">): Promise<void> {
    const line = `${JSON.stringify({ ...effect, atMs: Date.now() })}\n`;
    this.#last = this.#last.then(async () => {
      await this.#file.appendFile(line);
      await this.#file.datasync();
    });
    return this.#last;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last.catch(() => undefined);
    await this.#file.close();
  }
}

/** What a sink has noted so far. @throws SyntaxError for a line that is cut: sinks are not killed */
export async function readEffects(path: string): Promise<readonly Effect[]> {
  const lines = (await readFile(path, "utf8")).split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Effect);
}
