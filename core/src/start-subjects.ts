import { Worker } from "@vivified/runtime";
import { caughtUp, lastBlock, ownRecords } from "./audit/index.ts";
import type { Foundation } from "./foundation.ts";
import { destroyForgotten, openSubjects, type SubjectParts } from "./subjects/index.ts";

/** How long forgetting waits for records that are on their way: ingest takes a fraction of a second. */
const ingestWithinMs = 5_000;
const hourMs = 60 * 60 * 1000;

/** Opens what is needed to open and to forget what records keep, and sees to it that forgotten keys stay destroyed. */
export async function startSubjects(
  { config, nats, db, stores, logger }: Foundation,
  stack: AsyncDisposableStack,
): Promise<{ readonly subjectParts: SubjectParts | undefined; readonly caughtUp: () => Promise<boolean> }> {
  const subjectParts = await openSubjects(config, nats);
  const trail = { last: () => lastBlock(nats), taken: ownRecords(db).takenIn, withinMs: ingestWithinMs };
  const parts = { subjectParts, caughtUp: () => caughtUp(trail) };
  if (subjectParts === undefined) return parts;
  const work = () => destroyForgotten(stores.subjects, subjectParts.ring);
  stack.use(new Worker({ name: "forgotten subjects", work, everyMs: hourMs, logger }));
  return parts;
}
