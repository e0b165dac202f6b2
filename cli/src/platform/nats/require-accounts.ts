import { access } from "node:fs/promises";
import { join } from "node:path";

/**
 * A store from before there were accounts belongs to the one that NATS had then, whose name is in its encryption: it would
 * look empty, and the trail lost.
 *
 * @throws Error with what to do
 */
export async function requireAccounts(storeDirectory: string): Promise<void> {
  const before = await access(join(storeDirectory, "jetstream", "$G", "streams")).then(
    () => true,
    () => false,
  );
  if (!before) return;
  throw new Error(
    `${storeDirectory} is from a release in which NATS had one account: take a backup with that release and restore it (docs/how-to/upgrade.md), or begin with a new home`,
  );
}
