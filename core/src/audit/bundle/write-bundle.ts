import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { ExportManifest } from "@vivified/contracts";
import { createTarPacker, type TarPackController } from "modern-tar";
import { bundlePaths } from "./bundle-paths.ts";
import { logFile, type PublishedCheckpoint, type SignedLog } from "./signed-log.ts";

export type WriteBundle = {
  readonly manifest: ExportManifest;
  readonly published: PublishedCheckpoint;
  readonly log: SignedLog;
  /** The lines, from the beginning; asked twice, since an archive says how long a file is before it begins. */
  readonly lines: () => AsyncIterable<Uint8Array>;
  /** Rejects when records were deleted of which the checkpoint does not tell; asked once the lines were read. */
  readonly told: () => Promise<void>;
  /** Whether a time was asked for. */
  readonly timed: boolean;
  /** The size of a checkpoint that was kept, to which the tiles are to lead. */
  readonly compare?: number;
};

type File = { readonly name: string; readonly bytes: number; readonly body: AsyncIterable<Uint8Array> };

/** The export as a gzipped tar archive, made as it is read: one page of records is in memory at a time. */
export function writeBundle(bundle: WriteBundle): Readable {
  const { readable, controller } = createTarPacker();
  feed(bundle, controller).catch((error: unknown) => controller.error(error));
  return pipeline(Readable.fromWeb(readable), createGzip(), () => undefined);
}

async function feed(bundle: WriteBundle, controller: TarPackController): Promise<void> {
  const mtime = new Date(bundle.manifest.made_at);
  for await (const { name, bytes, body } of filesOf(bundle)) {
    const writer = controller.add({ name, size: bytes, mtime }).getWriter();
    for await (const chunk of body) await writer.write(chunk);
    await writer.close();
  }
  controller.finalize();
}

/** What is checked first comes first; the records, which are most of it, last. */
async function* filesOf({ manifest, published, log, lines, told, timed, compare }: WriteBundle): AsyncGenerator<File> {
  yield fileOf("manifest.json", Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`));
  yield fileOf("checkpoint", published.note);
  const { size, from, to, evidence } = manifest;
  for (const path of bundlePaths({ size, from, to, evidence, timed, ...(compare !== undefined && { compare }) })) {
    yield fileOf(path, await logFile(path, log));
  }
  let bytes = 0;
  for await (const { length } of lines()) bytes += length;
  await told();
  yield { name: "records.ndjson", bytes, body: lines() };
}

function fileOf(name: string, content: Uint8Array): File {
  return { name, bytes: content.length, body: Readable.from([content]) };
}
