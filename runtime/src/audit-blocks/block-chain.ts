import { firstBlockPrevious } from "@vivified/contracts";
import type { BlockStream } from "./block-stream.ts";
import { encodeBlock, hashBlock } from "./encode-block.ts";

type Position = { readonly epoch: string; sequence: number; previous: string; after: number };
/** A record on its way into a block: its canonical JSON (RFC 8785). */
export type EncodedRecord = { readonly text: string };

type Doubt<R> = { readonly hash: string; readonly after: number; readonly records: readonly R[] };

/** What recovery found out about the blocks whose storing was in doubt. */
export type Recovered<R> = { readonly stored: readonly R[]; readonly missing: readonly R[] };

/**
 * One writer's chain of blocks. After any failure the chain has no position until `recover` has read what the stream
 * really holds; it then goes on in a new epoch. A block in doubt can only ever land right behind the block that it
 * names, and so can its replacement, so exactly one of them is stored: no gap and no double.
 */
export class BlockChain<R extends EncodedRecord = EncodedRecord> {
  readonly #writer: string;
  readonly #stream: BlockStream;
  readonly #newId: () => string;
  #position: Position | undefined;
  #doubts: Doubt<R>[] = [];

  constructor(options: { writer: string; stream: BlockStream; newId: () => string }) {
    this.#writer = options.writer;
    this.#stream = options.stream;
    this.#newId = options.newId;
  }

  /** The stream sequence of the writer's last block, 0 when there is none; undefined while the chain has no position. */
  get after(): number | undefined {
    return this.#position?.after;
  }

  get positioned(): boolean {
    return this.#position !== undefined;
  }

  /** Stores records as the next block. Rejects when it is in doubt; `recover` is needed then. */
  async append(records: readonly R[]): Promise<void> {
    const position = this.#position;
    if (position === undefined) throw new Error("the chain has no position");
    const { epoch, sequence, previous, after } = position;
    const texts = records.map((record) => record.text);
    const block = encodeBlock({ writer: this.#writer, epoch, sequence, previous }, texts);
    this.#position = undefined;
    this.#doubts.push({ hash: block.hash, after, records });
    const stored = await this.#stream.append({ bytes: block.bytes, after });
    this.#doubts = [];
    this.#position = { epoch, sequence: sequence + 1, previous: block.hash, after: stored };
  }

  /** Finds out what is stored and takes up a position behind it. Rejects while the stream cannot be read. */
  async recover(): Promise<Recovered<R>> {
    // The last block is read first: one that lands between the two reads makes the next append fail, and is found then.
    const last = await this.#stream.last();
    const after = last?.streamSequence ?? 0;
    const stored = await this.#storedInDoubt(after);
    const missing = new Set(this.#doubts.flatMap((doubt) => doubt.records));
    for (const record of stored) missing.delete(record);
    // A doubt ends when something stands where it would have landed; until then it may still arrive.
    this.#doubts = this.#doubts.filter((doubt) => doubt.after === after);
    const previous = last === undefined ? firstBlockPrevious : hashBlock(last.bytes);
    this.#position = { epoch: this.#newId(), sequence: 0, previous, after };
    return { stored, missing: [...missing] };
  }

  /** All blocks in doubt compete for one place: right behind the last block that was known. */
  async #storedInDoubt(last: number): Promise<readonly R[]> {
    const [doubt] = this.#doubts;
    if (doubt === undefined || doubt.after === last) return [];
    const winner = await this.#stream.firstAfter(doubt.after);
    const hash = winner && hashBlock(winner.bytes);
    return this.#doubts.find((candidate) => candidate.hash === hash)?.records ?? [];
  }
}
