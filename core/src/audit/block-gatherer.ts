import type { StreamedBlock } from "./parse-block.ts";

export type BlockGathererOptions = {
  /** Takes a batch in; called for one batch at a time, in order. */
  readonly take: (batch: readonly StreamedBlock[]) => Promise<void>;
  /** Blocks of a batch, at most, by now. */
  readonly most: () => number;
  /** Called when a batch could not be taken, whoever waits. */
  readonly failed: () => void;
};

/** With fewer blocks a batch ends that has so many bytes: what it holds has to fit into one transaction. */
const largestBytes = 4 * 1024 * 1024;
/** How long blocks may gather before they are taken in together. */
const gatherMs = 50;
/** Batches that may wait for the one being taken in, before whoever adds blocks waits, too. */
const mostOutstanding = 2;

/**
 * Makes batches of blocks: gateways write hundreds of small ones a second, and a transaction for each would cost more
 * than the lanes do.
 */
export class BlockGatherer {
  readonly #options: BlockGathererOptions;
  #gathered: StreamedBlock[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #taking = Promise.resolve();
  #outstanding = 0;

  constructor(options: BlockGathererOptions) {
    this.#options = options;
  }

  /** Resolves at once while there is room, and otherwise when all so far is taken in. Rejects when it could not be. */
  async add(block: StreamedBlock): Promise<void> {
    this.#gathered.push(block);
    this.#bytes += block.bytes.length;
    this.#timer ??= setTimeout(() => this.#takeGathered(), gatherMs);
    if (this.#hasRoom()) return;
    this.#takeGathered();
    await this.#taking;
  }

  /** Resolves when what is being taken in is. What still gathers is left: the stream has it. */
  async end(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#taking;
  }

  #hasRoom(): boolean {
    if (this.#outstanding >= mostOutstanding) return false;
    return this.#gathered.length < this.#options.most() && this.#bytes < largestBytes;
  }

  #takeGathered(): void {
    clearTimeout(this.#timer);
    const batch = this.#gathered;
    [this.#timer, this.#gathered, this.#bytes] = [undefined, [], 0];
    this.#outstanding += 1;
    this.#taking = this.#taking
      .then(() => this.#options.take(batch))
      .finally(() => {
        this.#outstanding -= 1;
      });
    this.#taking.catch(this.#options.failed);
  }
}
