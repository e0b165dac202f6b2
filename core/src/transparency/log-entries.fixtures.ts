import { bundlePath, decodeBundle, newBundles } from "@vivified/tlog";
import { diskStorage } from "./log-storage.disk.ts";

type Rows = (text: string) => Promise<readonly Record<string, unknown>[]>;

/** Every entry of the log in its order: those in bundles, and those that wait for a checkpoint. Holes are empty text. */
export async function logEntries(rows: Rows, directory: string): Promise<string[]> {
  const waiting = await rows("select log_index, entry from audit_leaves");
  const [newest] = await rows("select coalesce(max(size), 0) as size from log_checkpoints");
  const storage = diskStorage(directory);
  const entries: string[] = [];
  for (const bundle of newBundles(0, Number(newest?.size))) {
    const bytes = await storage.read(bundlePath(bundle));
    entries.push(...decodeBundle(bytes ?? Buffer.alloc(0)).map((entry) => Buffer.from(entry).toString()));
  }
  for (const { log_index, entry } of waiting) entries[Number(log_index)] = String(entry);
  return Array.from(entries, (entry) => entry ?? "");
}
