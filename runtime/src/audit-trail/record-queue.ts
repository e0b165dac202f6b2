import type { PendingRecord } from "./pending-record.ts";

/** Records that wait for a block, and the chains that stand in line to write one, so that none rests for long. */
export class RecordQueue {
  #records: PendingRecord[] = [];
  #line: (() => void)[] = [];
  /** Something should be written now, not only together with what comes. */
  #due = false;
  /** Who was called has not taken its records yet. */
  #called = false;
  #closed = false;

  get length(): number {
    return this.#records.length;
  }

  /** Adds a record; the first chain in line writes it after `delayMs`, or earlier together with others. */
  push(record: PendingRecord, delayMs = 0): void {
    this.#records.push(record);
    const call = () => {
      this.#due = true;
      this.#call();
    };
    if (delayMs === 0) call();
    else setTimeout(call, delayMs).unref();
  }

  /** Resolves when it is a chain's turn, or after `atMostMs` although it is not: it takes then. */
  async turn(atMostMs?: number): Promise<void> {
    if (this.#closed) return;
    const { promise: called, resolve: call } = Promise.withResolvers<void>();
    this.#line.push(call);
    const timer = atMostMs === undefined ? undefined : setTimeout(() => this.#leave(call), atMostMs);
    this.#call();
    await called;
    clearTimeout(timer);
  }

  /** The oldest that fit into `room` bytes; the first one whatever its size if `room` is untouched. */
  take(room: { readonly bytes: number; readonly untouched: boolean }): PendingRecord[] {
    this.#records = this.#records.filter((record) => !record.lapsed);
    let size = 0;
    const end = this.#records.findIndex((record, index) => {
      size += record.size + 1;
      return size > room.bytes && !(room.untouched && index === 0);
    });
    const taken = this.#records.splice(0, end === -1 ? this.#records.length : end);
    this.#called = false;
    this.#due = this.#records.length > 0;
    this.#call();
    return taken;
  }

  /** From now on every chain has its turn at once: to write what is left, and then to end. */
  close(): void {
    this.#closed = true;
    for (const call of this.#line.splice(0)) call();
  }

  /** Ends the waiting of all that is left. Returns how many there were. */
  lapse(): number {
    const left = this.#records.splice(0);
    for (const record of left) record.lapse();
    return left.length;
  }

  #leave(call: () => void): void {
    this.#line = this.#line.filter((other) => other !== call);
    call();
  }

  #call(): void {
    if (!this.#due || this.#called || this.#records.length === 0) return;
    const first = this.#line.shift();
    this.#called = first !== undefined;
    first?.();
  }
}
