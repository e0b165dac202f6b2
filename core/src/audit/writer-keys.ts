import { readFile } from "node:fs/promises";
import {
  describeProcessKeys,
  isSignedBlock,
  type ProcessKeys,
  parseProcessKeys,
  processOf,
  VivifiedError,
} from "@vivified/runtime";
import type { StreamedBlock } from "./parse-block.ts";

/** What the file of keys said and says, in words. */
export type ChangedKeys = { readonly was: string; readonly is: string };

export type WriterKeysOptions = {
  /** Public keys by process, JSON; may change while core runs. */
  readonly file: string;
  /** Must have recorded it when it resolves: only then do the new keys count. */
  readonly changed: (keys: ChangedKeys) => Promise<void>;
  /** Milliseconds of a clock that never goes back. */
  readonly elapsedMs?: () => number;
};

/** A key that was taken away counts for so long, at most. */
const rereadMs = 1_000;

type Signed = Pick<StreamedBlock, "subjectWriter" | "bytes"> & { readonly signature: string };

/** Knows by whom a block is: by the key of the process that its subject names. */
export class WriterKeys {
  readonly #options: WriterKeysOptions;
  readonly #elapsedMs: () => number;
  #text: string;
  #keys: ProcessKeys;
  #readAt: number;

  private constructor(options: WriterKeysOptions, text: string) {
    this.#options = options;
    this.#elapsedMs = options.elapsedMs ?? (() => performance.now());
    [this.#text, this.#keys] = [text, parseProcessKeys(text)];
    this.#readAt = this.#elapsedMs();
  }

  /** @throws VivifiedError `invalid_config` for a file that holds no keys */
  static async open(options: WriterKeysOptions): Promise<WriterKeys> {
    return new WriterKeys(options, await readText(options.file));
  }

  /**
   * Whether its writer signed a block. The file is read again every second, and for a key that it did not have: a gateway
   * may have been given one meanwhile.
   *
   * @throws VivifiedError `invalid_config` while the file cannot be read: nothing is judged by half of it
   */
  async signed(block: Signed): Promise<boolean> {
    if (this.#elapsedMs() - this.#readAt >= rereadMs) await this.#reread();
    if (this.#fits(block)) return true;
    await this.#reread();
    return this.#fits(block);
  }

  #fits({ subjectWriter, bytes, signature }: Signed): boolean {
    return isSignedBlock(bytes, signature, this.#keys.get(processOf(subjectWriter)) ?? []);
  }

  async #reread(): Promise<void> {
    const readAt = this.#elapsedMs();
    const text = await readText(this.#options.file);
    if (text !== this.#text) await this.#take(text);
    this.#readAt = readAt;
  }

  async #take(text: string): Promise<void> {
    const keys = parseProcessKeys(text);
    const change = { was: describeProcessKeys(this.#keys), is: describeProcessKeys(keys) };
    if (change.is !== change.was) await this.#options.changed(change);
    [this.#text, this.#keys] = [text, keys];
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new VivifiedError("invalid_config", { detail: "PROCESS_KEYS_FILE cannot be read", cause });
  }
}
