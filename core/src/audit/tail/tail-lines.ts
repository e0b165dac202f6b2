import { setTimeout as sleep } from "node:timers/promises";
import { tailEvent, tailHeartbeat, tailHeartbeatMs } from "@vivified/contracts";
import { decisionRow } from "../search-decisions.ts";
import type { TailSource } from "./tail-source.ts";
import type { WantedRows } from "./wanted-rows.ts";

export type Tail = {
  readonly source: Pick<TailSource, "read" | "more" | "stopped">;
  readonly wanted: WantedRows;
  /** Aborted when the reader is gone. */
  readonly gone: AbortSignal;
  /** Whether the reader may still read; asked about as often as there would be a heartbeat. */
  readonly mayStill: () => Promise<boolean>;
  /** The last place that the reader has. */
  readonly after: number;
  /** Told before each piece how far the reader has come, and how many decisions it was given. */
  readonly sent: (progress: TailProgress) => void;
};
export type TailProgress = { readonly after: number; readonly decisions: number };

/** Then the reader comes again. */
const longestTailMs = 5 * 60_000;

/**
 * What a reader of a tail is sent, piece by piece as they take it: each wanted decision once, in the order of the log, and
 * every heartbeat how far the log has come, also while all that comes is for others.
 */
export async function* tailLines({ source, wanted, gone, mayStill, after, sent }: Tail): AsyncGenerator<string> {
  const end = AbortSignal.any([gone, source.stopped, AbortSignal.timeout(longestTailMs)]);
  let progress: TailProgress = { after, decisions: 0 };
  let nextBeatMs = performance.now() + tailHeartbeatMs;
  yield tailHeartbeat(after);
  while (!end.aborted) {
    if (performance.now() >= nextBeatMs) {
      if (!(await mayStill())) return;
      nextBeatMs = performance.now() + tailHeartbeatMs;
      yield tailHeartbeat(progress.after);
    }
    const more = source.more();
    const rows = await source.read(progress.after);
    if (rows.length === 0) await moreOr(nextBeatMs, more, end);
    const kept = rows.length === 0 ? [] : await wanted(rows);
    progress = { after: rows.at(-1)?.logIndex ?? progress.after, decisions: progress.decisions + kept.length };
    sent(progress);
    if (kept.length > 0)
      yield kept.map(({ logIndex, record }) => tailEvent(logIndex, decisionRow({ record }))).join("");
  }
}

/** Resolves when there is more, at a time, or at the end; no timer outlives it. */
async function moreOr(untilMs: number, more: Promise<void>, end: AbortSignal): Promise<void> {
  const done = new AbortController();
  const signal = AbortSignal.any([done.signal, end]);
  const late = sleep(Math.max(0, untilMs - performance.now()), undefined, { signal }).catch(() => undefined);
  await Promise.race([more, late]);
  done.abort();
}
