import type { Finding } from "./finding.ts";
import type { EntryAt, Span } from "./log-entries.ts";
import { type ExportedRecord, readLine } from "./read-line.ts";

/** What does not go together: places of the log without their record, and lines that are no record of the log there. */
export type Mismatches = {
  /** Ascending, as few as possible. */
  readonly missing: readonly Span[];
  /** At most {@link mostStrays}; `strayCount` says how many there are. */
  readonly strays: readonly ExportedRecord[];
  readonly strayCount: number;
  /** Lines that are no record, by the place at which one was due. */
  readonly unreadable: ReadonlyMap<number, number>;
  /** Lines in all, and those whose record is as the log has it. */
  readonly lines: number;
  readonly verified: number;
};

export type CompareRecords = {
  readonly entries: AsyncIterator<EntryAt>;
  /** The entry at any place, or undefined. */
  readonly entryAt: (index: number) => Promise<EntryAt | undefined>;
  /** Places whose entry cannot be believed: nothing can be said of their records. */
  readonly unsound: ReadonlySet<number>;
  readonly lines: AsyncIterable<string>;
  readonly add: (finding: Finding) => void;
  /** Told of every record that is as the log has it. */
  readonly matched: (record: ExportedRecord) => void;
};

export const mostStrays = 100_000;

/**
 * Walks the log and the exported lines side by side. A line belongs to an entry by its digest; places decide only what is
 * looked at next, so that one wrong line does not make strays of all that follow.
 */
export async function compareRecords(deps: CompareRecords): Promise<Mismatches> {
  const walk = new Walk(deps);
  let line = 0;
  await walk.next();
  for await (const text of deps.lines) {
    line += 1;
    await walk.take(text, line);
  }
  return walk.end();
}

class Walk {
  readonly #deps: CompareRecords;
  readonly #missing: { from: number; to: number }[] = [];
  readonly #strays: ExportedRecord[] = [];
  readonly #unreadable = new Map<number, number>();
  #strayCount = 0;
  #lines = 0;
  #verified = 0;
  #entry: EntryAt | undefined;
  /** Lines since the last match that are no record. */
  #unread = 0;

  constructor(deps: CompareRecords) {
    this.#deps = deps;
  }

  async next(): Promise<void> {
    const { value, done } = await this.#deps.entries.next();
    this.#entry = done ? undefined : value;
  }

  async take(text: string, line: number): Promise<void> {
    this.#lines = line;
    const record = readLine(text, line);
    if (record === undefined) return this.#noteUnreadable(line);
    if (record.digest !== this.#entry?.digest && (await this.#isAhead(record))) await this.#skipTo(record.index);
    if (record.digest === this.#entry?.digest) return this.#match(record);
    if (this.#deps.unsound.has(record.index)) return;
    this.#strayCount += 1;
    if (this.#strays.length < mostStrays) this.#strays.push(record);
    if (record.index === this.#entry?.index) await this.#miss();
  }

  async end(): Promise<Mismatches> {
    while (this.#entry !== undefined) await this.#miss();
    return {
      missing: this.#missing,
      strays: this.#strays,
      strayCount: this.#strayCount,
      unreadable: this.#unreadable,
      lines: this.#lines,
      verified: this.#verified,
    };
  }

  /** The log has it where it claims to be, further on: those between are missing here. A wrong claim moves nothing. */
  async #isAhead({ index, digest }: ExportedRecord): Promise<boolean> {
    if (this.#entry === undefined || index <= this.#entry.index) return false;
    return (await this.#deps.entryAt(index))?.digest === digest;
  }

  async #skipTo(index: number): Promise<void> {
    while (this.#entry !== undefined && this.#entry.index < index) await this.#miss();
  }

  async #match(record: ExportedRecord): Promise<void> {
    const { index, id, timestamp } = this.#entry ?? record;
    this.#unread = 0;
    if (record.index !== index) {
      const detail = `line ${record.line} gives the record the place ${record.index}; the log has it at ${index}`;
      this.#deps.add({ kind: "record_changed", index, id, timestamp, detail });
    } else {
      this.#verified += 1;
      this.#deps.matched(record);
    }
    await this.next();
  }

  #noteUnreadable(line: number): void {
    const due = (this.#entry?.index ?? Number.MAX_SAFE_INTEGER - mostStrays) + this.#unread;
    this.#unread += 1;
    if (this.#unreadable.size < mostStrays) this.#unreadable.set(due, line);
  }

  async #miss(): Promise<void> {
    const { index } = this.#entry ?? { index: 0 };
    const last = this.#missing.at(-1);
    if (last?.to === index) last.to = index + 1;
    else this.#missing.push({ from: index, to: index + 1 });
    await this.next();
  }
}
