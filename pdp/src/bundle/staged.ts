import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { SourceFile } from "./read-sources.ts";

/** Files laid out as in a bundle, in a folder of their own that is gone afterwards. */
export type Staged = AsyncDisposable & { readonly directory: string };

export async function stage(files: readonly SourceFile[]): Promise<Staged> {
  const directory = await mkdtemp(join(tmpdir(), "vivified-policies-"));
  for (const { path, bytes } of files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), bytes);
  }
  return { directory, [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }) };
}
