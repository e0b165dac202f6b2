import type { Stores } from "../stores.ts";
import type { SubjectKeyRing } from "./subject-key-ring.ts";

/**
 * Destroys every key that was to be forgotten and is there all the same: after a crash in between, and when NATS was
 * restored from a copy that is older.
 */
export async function destroyForgotten(subjects: Stores["subjects"], ring: SubjectKeyRing): Promise<void> {
  const failures: unknown[] = [];
  for (const { subject, key } of await subjects.forgotten())
    await ring.destroy(subject, key).catch((error: unknown) => void failures.push(error));
  if (failures.length > 0) throw new AggregateError(failures, "keys of forgotten subjects were not destroyed");
}
