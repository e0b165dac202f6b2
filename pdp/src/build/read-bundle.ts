import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { VivifiedError } from "@vivified/runtime";

const blockBytes = 512;

/**
 * The files of an OPA bundle (a gzipped tar, POSIX.1-1988 headers: OPA writes short names and plain files only).
 *
 * @throws VivifiedError `invalid_config` when the archive ends in the middle of a file.
 */
export async function readBundle(path: string): Promise<ReadonlyMap<string, Buffer>> {
  return readTar(gunzipSync(await readFile(path)));
}

function readTar(archive: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  let offset = 0;
  while (offset + blockBytes <= archive.length && archive[offset] !== 0) {
    const name = textAt(archive, offset, 100);
    const size = Number.parseInt(textAt(archive, offset + 124, 12), 8);
    const start = offset + blockBytes;
    if (!(start + size <= archive.length))
      throw new VivifiedError("invalid_config", { detail: "the bundle is cut off" });
    files.set(name, archive.subarray(start, start + size));
    offset = start + Math.ceil(size / blockBytes) * blockBytes;
  }
  return files;
}

function textAt(archive: Buffer, offset: number, length: number): string {
  const [text = ""] = archive.toString("latin1", offset, offset + length).split("\0");
  return text.trim();
}
