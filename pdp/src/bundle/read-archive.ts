import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type ParsedTarEntryWithData, unpackTar } from "modern-tar";
import { bundleRefused } from "./bundle-refused.ts";

export type ArchiveLimits = {
  /** Of the compressed archive. */
  readonly maxArchiveBytes: number;
  /** Of everything in it together, so that a small archive cannot become a large one. */
  readonly maxUnpackedBytes: number;
  readonly maxFiles: number;
};

export const defaultArchiveLimits: ArchiveLimits = {
  maxArchiveBytes: 16 * 1024 * 1024,
  maxUnpackedBytes: 64 * 1024 * 1024,
  maxFiles: 4_096,
};

const unzip = promisify(gunzip);

/**
 * The files of a gzipped tar archive by their path, without a leading slash. Nothing is written anywhere. Only plain
 * files and folders are taken; a path that leads outside, or the same path twice, refuses the whole archive.
 *
 * @throws VivifiedError `policy_bundle_refused`: `too_large`, `truncated`, `path_escape`, `malformed`
 */
export async function readArchive(archive: Uint8Array, limits: ArchiveLimits): Promise<ReadonlyMap<string, Buffer>> {
  if (archive.length > limits.maxArchiveBytes) throw tooLarge(`the archive has ${archive.length} bytes`);
  const tar = await unzipped(archive, limits);
  const entries = await unpacked(tar);
  if (entries.length > limits.maxFiles) throw tooLarge(`the archive holds ${entries.length} files`);
  const files = new Map<string, Buffer>();
  for (const entry of entries) add(files, entry);
  return files;
}

async function unzipped(archive: Uint8Array, { maxUnpackedBytes }: ArchiveLimits): Promise<Buffer> {
  try {
    return await unzip(archive, { maxOutputLength: maxUnpackedBytes });
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(`it unpacks to more than ${maxUnpackedBytes} bytes`, cause);
    if (code === "Z_BUF_ERROR") throw bundleRefused("truncated", "the archive ends in the middle", cause);
    throw bundleRefused("malformed", "it is not a gzip archive", cause);
  }
}

/** A tar archive ends with two empty blocks; one that just stops was cut before it was compressed. */
async function unpacked(tar: Buffer): Promise<ParsedTarEntryWithData[]> {
  if (tar.length < 1024 || tar.subarray(-1024).some((byte) => byte !== 0)) {
    throw bundleRefused("truncated", "the archive has no end");
  }
  try {
    return await unpackTar(new Uint8Array(tar), { strict: true });
  } catch (cause) {
    throw bundleRefused("malformed", "it is not a tar archive", cause);
  }
}

function add(files: Map<string, Buffer>, { header, data }: ParsedTarEntryWithData): void {
  const path = safePath(header.name);
  if (header.type === "directory") return;
  if (header.type !== "file" || data === undefined) throw bundleRefused("malformed", `${path} is no plain file`);
  if (files.has(path)) throw bundleRefused("malformed", `${path} is there twice`);
  files.set(path, Buffer.from(data));
}

/** `/a/b` and `./a/b` are `a/b`, as OPA reads them. */
function safePath(name: string): string {
  const path = name.replace(/^(?:\.?\/)+/, "");
  const escapes = path.split("/").includes("..") || /[\\\p{Cc}]/u.test(path) || /^[A-Za-z]:/.test(path);
  if (escapes) throw bundleRefused("path_escape", `${JSON.stringify(name)} leads outside of the bundle`);
  return path;
}

const tooLarge = (detail: string, cause?: unknown) => bundleRefused("too_large", detail, cause);
