import { type Clock, type Logger, uuidv7 } from "@vivified/runtime";
import type { LogWindow, PlacedRecord } from "../log-records.ts";
import { packChunk } from "./pack-chunk.ts";
import type { PushLease, PushStore } from "./push-store.ts";
import type { PushAnswer, Receiver } from "./receiver.ts";

export type PusherDeps = {
  readonly receiver: Receiver;
  readonly store: PushStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Counts what became of records. */
  readonly count: (outcome: "pushed" | "set_aside" | "failures", records: number) => void;
  /** Longer than a request may take. */
  readonly leaseMs: number;
  /** The longest wait between two attempts. */
  readonly maxDelayMs: number;
};

const placesPerWindow = 500;
const minDelayMs = 500;
/** A receiver that refuses so many records one after another is wrong itself: they wait. */
const mostRefusedInRow = 10;

/**
 * Pushes the log to one receiver, in its order, from where the last 2xx ended: every record at least once. What it cannot
 * take now waits, longer each time; a chunk that it refuses is halved until the record is found, which is set aside and told.
 */
export class Pusher implements AsyncDisposable {
  readonly #deps: PusherDeps;
  readonly #lease: PushLease;
  readonly #stop = new AbortController();
  #notBefore = 0;
  #failures = 0;
  #refusedInRow = 0;
  #most = placesPerWindow;

  constructor(deps: PusherDeps) {
    this.#deps = deps;
    this.#lease = { receiver: deps.receiver.name, holder: uuidv7(), leaseMs: deps.leaseMs };
  }

  /** Ends the request that is under way: the worker that calls `turn` ends soon after. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#deps.store.release(this.#lease).catch(() => undefined);
  }

  /** Pushes what there is, or nothing while it has to wait. @throws VivifiedError `database_unavailable` */
  async turn(): Promise<void> {
    const { store, clock } = this.#deps;
    if (clock.monotonicMs() < this.#notBefore) return;
    let from = await store.claim(this.#lease);
    while (from !== undefined && !this.#stop.signal.aborted) {
      const window = await store.read(from, placesPerWindow);
      if (window.end === from) return;
      from = (await this.#push(window)) ? window.end : undefined;
    }
  }

  /** True when the position is behind the window. */
  async #push({ records, end }: LogWindow): Promise<boolean> {
    const { store } = this.#deps;
    let waiting = records;
    while (waiting.length > 0) {
      const left = await this.#pushSome(waiting);
      if (left === undefined) return false;
      waiting = left;
    }
    return store.advance(this.#lease, end);
  }

  /** What is left afterwards; nothing when it has to be tried again later. */
  async #pushSome(waiting: readonly PlacedRecord[]): Promise<readonly PlacedRecord[] | undefined> {
    const { receiver, store } = this.#deps;
    const chunk = await packChunk(waiting.slice(0, this.#most), receiver);
    const answer = await receiver.send(chunk, this.#stop.signal);
    const sent = waiting.slice(0, chunk.count);
    if (answer.outcome === "unavailable") return this.#postpone(answer);
    if (answer.outcome === "refused") return this.#narrow(answer, waiting, sent);
    this.#taken(sent.length);
    const next = (sent.at(-1)?.logIndex ?? 0) + 1;
    return (await store.advance(this.#lease, next)) ? waiting.slice(chunk.count) : undefined;
  }

  #taken(records: number): void {
    const { count, logger, receiver } = this.#deps;
    if (this.#failures > 0) logger.info({ receiver: receiver.name }, "audit push goes on");
    this.#failures = 0;
    this.#refusedInRow = 0;
    this.#most = Math.min(placesPerWindow, this.#most * 2);
    count("pushed", records);
  }

  /** Half of it next time; one alone is set aside. */
  async #narrow(
    answer: Extract<PushAnswer, { outcome: "refused" }>,
    waiting: readonly PlacedRecord[],
    sent: readonly PlacedRecord[],
  ): Promise<readonly PlacedRecord[] | undefined> {
    const { store, logger, count, receiver } = this.#deps;
    const [only] = sent;
    this.#most = Math.max(1, Math.floor(sent.length / 2));
    if (sent.length > 1 || only === undefined) return waiting;
    if (this.#refusedInRow >= mostRefusedInRow) return this.#postpone(answer);
    this.#refusedInRow += 1;
    const refusal = { logIndex: only.logIndex, status: answer.status, detail: answer.detail };
    logger.error({ receiver: receiver.name, ...refusal }, "a record was refused and set aside");
    count("set_aside", 1);
    return (await store.setAside(this.#lease, refusal)) ? waiting.slice(1) : undefined;
  }

  /** Twice as long each time, with jitter; never sooner than the receiver says. */
  #postpone({ detail, ...answer }: { detail: string; retryAfterMs?: number }): undefined {
    const { clock, logger, receiver, maxDelayMs, count } = this.#deps;
    if (this.#stop.signal.aborted) return undefined;
    const backOffMs = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(this.#failures, 20));
    const delayMs = Math.max(answer.retryAfterMs ?? 0, backOffMs * (0.5 + Math.random() / 2));
    this.#failures += 1;
    this.#notBefore = clock.monotonicMs() + delayMs;
    count("failures", 1);
    if (this.#failures === 1) logger.warn({ receiver: receiver.name, detail }, "audit push has to wait");
    return undefined;
  }
}
