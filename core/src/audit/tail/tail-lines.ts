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
  /** The last place that the reader has. */
  readonly after: number;
  /** Told before each piece how far the reader has come, and how many decisions it was given. */
  readonly sent: (progress: TailProgress) => void;
};
export type TailProgress = { readonly after: number; readonly decisions: number };

/** Then the reader comes again, and whether they still may read is asked again. */
const longestTailMs = 5 * 60_000;

/** What a reader of a tail is sent, piece by piece as they take it: each wanted decision once, in the order of the log. */
export async function* tailLines({ source, wanted, gone, after, sent }: Tail): AsyncGenerator<string> {
  const end = AbortSignal.any([gone, source.stopped, AbortSignal.timeout(longestTailMs)]);
  let progress: TailProgress = { after, decisions: 0 };
  yield tailHeartbeat(after);
  while (!end.aborted) {
    const more = source.more();
    const rows = await source.read(progress.after);
    if (rows.length === 0) {
      if (!(await comes(more, end)) && !end.aborted) yield tailHeartbeat(progress.after);
      continue;
    }
    const kept = await wanted(rows);
    progress = { after: rows.at(-1)?.logIndex ?? progress.after, decisions: progress.decisions + kept.length };
    sent(progress);
    if (kept.length > 0)
      yield kept.map(({ logIndex, record }) => tailEvent(logIndex, decisionRow({ record }))).join("");
  }
}

/** Whether something comes before it is time for a heartbeat, or to end; the timer goes with it. */
async function comes(more: Promise<void>, end: AbortSignal): Promise<boolean> {
  const done = new AbortController();
  const late = sleep(tailHeartbeatMs, false, { signal: AbortSignal.any([done.signal, end]) }).catch(() => false);
  const came = await Promise.race([more.then(() => true), late]);
  done.abort();
  return came;
}
