import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openGround, startDatabase } from "@vivified/cli";

/** A PostgreSQL that belongs to no platform. */
export async function openDatabase(): Promise<AsyncDisposable & { readonly url: string }> {
  await using stack = new AsyncDisposableStack();
  const home = await mkdtemp(join(tmpdir(), "viv-database-"));
  stack.defer(() => rm(home, { recursive: true, force: true }));
  const { url } = await startDatabase(await openGround({ home }, stack), stack);
  const kept = stack.move();
  return { url, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
