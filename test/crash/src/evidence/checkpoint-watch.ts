import { readFile } from "node:fs/promises";
import type { Platform } from "@vivified/cli";
import { bundlePath, decodeBundle, tileWidth } from "@vivified/tlog";
import type { SeenLog } from "./evidence.ts";

const lookEveryMs = 500;

/** An auditor who keeps every checkpoint of the log that it happens to see. */
export class CheckpointWatch implements Disposable {
  readonly #platform: Platform;
  readonly #seen: string[] = [];
  readonly #timer: NodeJS.Timeout;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.#timer = setInterval(() => void this.look(), lookEveryMs);
  }

  /** The size of the published checkpoint; 0 before there is one. */
  async look(): Promise<number> {
    const note = await readFile(this.#at("checkpoint"), "utf8").catch(() => "");
    if (note !== "" && note !== this.#seen.at(-1)) this.#seen.push(note);
    return Number(note.split("\n")[1] ?? 0);
  }

  /** The log as it lies there, up to a size. @throws Error when a bundle of entries is missing */
  async read(size: number): Promise<SeenLog> {
    const entries: string[] = [];
    for (let index = 0; index * tileWidth < size; index += 1) {
      const width = Math.min(tileWidth, size - index * tileWidth);
      const bundle = decodeBundle(await readFile(this.#at(bundlePath({ index, width }))));
      entries.push(...bundle.map((entry) => Buffer.from(entry).toString("utf8")));
    }
    const vkey = (await readFile(this.#platform.home.at("keys", "audit-log.vkey"), "utf8")).trim();
    return { vkey, checkpoints: this.#seen, entries };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #at(path: string): string {
    return this.#platform.home.at("audit-log", ...path.split("/"));
  }
}
