import { Worker } from "@vivified/runtime";
import type { Foundation } from "./foundation.ts";
import { destroyForgotten, openSubjects, type SubjectParts } from "./subjects/index.ts";

const hourMs = 60 * 60 * 1000;

/** Opens what is needed to open and to forget what records keep, and sees to it that forgotten keys stay destroyed. */
export async function startSubjects(
  { config, nats, stores, logger }: Foundation,
  stack: AsyncDisposableStack,
): Promise<{ readonly subjectParts: SubjectParts | undefined }> {
  const subjectParts = await openSubjects(config, nats);
  if (subjectParts === undefined) return { subjectParts };
  const work = () => destroyForgotten(stores.subjects, subjectParts.ring);
  stack.use(new Worker({ name: "forgotten subjects", work, everyMs: hourMs, logger }));
  return { subjectParts };
}
