import { logInconsistency } from "./log-inconsistency.ts";
import type { LogStorage } from "./log-storage.ts";

/** A storage in memory that counts its calls and can die at one of them: before it does anything, or after. */
export class MemoryStorage implements LogStorage {
  readonly files: Map<string, Uint8Array>;
  calls = 0;
  /** At which call, counted from 1, it throws. */
  dies: { readonly at: number; readonly after: boolean } | undefined;

  constructor(files = new Map<string, Uint8Array>()) {
    this.files = files;
  }

  readonly read = (path: string) => this.#call(() => this.files.get(path));

  readonly putOnce = (path: string, bytes: Uint8Array) =>
    this.#call(() => {
      const there = this.files.get(path);
      if (there !== undefined && Buffer.compare(there, bytes) !== 0) throw logInconsistency(`${path} differs`);
      this.files.set(path, Buffer.from(bytes));
    });

  readonly replace = (path: string, bytes: Uint8Array) =>
    this.#call(() => {
      this.files.set(path, Buffer.from(bytes));
    });

  readonly remove = (path: string) =>
    this.#call(() => {
      this.files.delete(path);
    });

  async #call<T>(work: () => T): Promise<T> {
    this.calls += 1;
    const dies = this.dies?.at === this.calls;
    if (dies && !this.dies?.after) throw new Error("the storage died before");
    const result = work();
    if (dies) throw new Error("the storage died after");
    return result;
  }
}
