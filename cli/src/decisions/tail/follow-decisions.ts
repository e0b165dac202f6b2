import { setTimeout as sleep } from "node:timers/promises";
import type { Outage } from "./outage.ts";
import { type Followed, parseFollowed } from "./parse-followed.ts";
import { sseEvents } from "./sse-events.ts";

export type FollowDeps = {
  /** Opens the tail behind a place of the log, or from now on. @throws AdminApiError */
  readonly open: (after: number | undefined) => Promise<AsyncIterable<Uint8Array>>;
  readonly outage: Outage;
  /** Says one line to people. */
  readonly tell: (line: string) => void;
};

/** Core ends a tail every few minutes; whoever comes back too soon would keep both busy. */
const betweenTailsMs = 250;

/**
 * Follows the log through whatever happens to core and to the line: every decision once, none left out.
 *
 * @throws AdminApiError when core refuses
 */
export async function* followDecisions(deps: FollowDeps): AsyncGenerator<Followed> {
  let after: number | undefined;
  for (;;) {
    try {
      for await (const followed of oneTail(after, deps)) {
        deps.outage.over();
        after = followed.place;
        yield followed;
      }
      await sleep(betweenTailsMs);
    } catch (error) {
      await deps.outage.failed(error);
    }
  }
}

/** What one connection brings, in the order of the log. */
async function* oneTail(after: number | undefined, { open, tell }: FollowDeps): AsyncGenerator<Followed> {
  let [last, silent] = [after, true];
  for await (const event of sseEvents(await open(after))) {
    const followed = parseFollowed(event);
    if (silent && last !== undefined && followed.place < last) {
      tell(`core's log ends at place ${followed.place}, and place ${last} was seen: it is shorter than it was`);
      last = undefined;
    }
    silent = false;
    const repeated = followed.row !== undefined && last !== undefined && followed.place <= last;
    last = followed.place;
    if (!repeated) yield followed;
  }
  if (silent) throw Object.assign(new Error("it ended without a word"), { code: "EMPTY" });
}
