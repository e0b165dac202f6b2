import { constants, gzipSync } from "node:zlib";
import { packTar } from "modern-tar";

/**
 * A gzipped tar archive that depends on its files alone: names in order, no times, no owners, and a gzip header without a
 * time. Names begin with a slash, as OPA writes them.
 */
export async function writeArchive(files: ReadonlyMap<string, Buffer>): Promise<Buffer> {
  const names = [...files.keys()].sort();
  const tar = await packTar(names.map((name) => entryOf(name, files.get(name) ?? Buffer.alloc(0))));
  return gzipSync(tar, { level: constants.Z_BEST_COMPRESSION });
}

function entryOf(name: string, bytes: Buffer) {
  const header = {
    name: `/${name}`,
    size: bytes.length,
    type: "file",
    mode: 0o644,
    mtime: new Date(0),
    uid: 0,
    gid: 0,
  };
  return { header: { ...header, type: "file" as const }, body: new Uint8Array(bytes) };
}
