import { createReadStream } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createGunzip } from "node:zlib";
import { createTarDecoder, type TarHeader } from "modern-tar";
import { maxBytesOf } from "./export-names.ts";
import { MalformedExport } from "./malformed-export.ts";

/** Records compress by a factor of ten to thirty; what swells a hundredfold beyond this was made to fill a disk. */
const harmlessBytes = 256 * 1024 * 1024;
const maxSwelling = 100;

/**
 * Unpacks an archive into an empty directory. Only the names of an export are taken, each once, and only plain files: no
 * path leads out, no link leads anywhere, and an archive that swells without measure is not unpacked to its end.
 *
 * @throws MalformedExport
 */
export async function unpackExport(archive: string, directory: string): Promise<void> {
  const entries = ReadableStream.from(unpacked(archive)).pipeThrough(createTarDecoder({ strict: true }));
  const seen = new Set<string>();
  try {
    for await (const { header, body } of entries) {
      const name = soundName(header, seen);
      if (name === undefined) await body.cancel();
      else await write(join(directory, name), body);
    }
  } catch (error) {
    throw error instanceof MalformedExport ? error : new MalformedExport(`is no archive of an export (${why(error)})`);
  }
}

/** The bytes of the tar, for as long as they do not swell without measure. */
async function* unpacked(archive: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const packed = createReadStream(archive);
  const gunzip = createGunzip();
  // Whatever fails is thrown to whoever reads: a failure that comes while nobody does must not end the process.
  gunzip.on("error", () => {});
  packed.on("error", (error) => gunzip.destroy(error)).pipe(gunzip);
  let bytes = 0;
  try {
    for await (const chunk of gunzip) {
      bytes += chunk.length;
      const swollen = bytes > harmlessBytes && bytes > maxSwelling * packed.bytesRead;
      if (swollen) throw new MalformedExport("swells without measure when it is unpacked");
      yield chunk;
    }
  } finally {
    packed.destroy();
    gunzip.destroy();
  }
}

/** Undefined for a directory, which files bring themselves. */
function soundName({ name, type, size }: TarHeader, seen: Set<string>): string | undefined {
  if (type === "directory") return undefined;
  const max = maxBytesOf(name);
  const shown = name.slice(0, 200);
  if (max === undefined) throw new MalformedExport("an export has no such file", shown);
  if (type !== undefined && type !== "file") throw new MalformedExport(`is a ${type}`, shown);
  if (seen.has(name)) throw new MalformedExport("is there twice", shown);
  if ((size ?? 0) > max) throw new MalformedExport(`has ${size} bytes`, shown);
  seen.add(name);
  return name;
}

async function write(path: string, body: AsyncIterable<Uint8Array>): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, body, { flag: "wx", mode: 0o600 });
}

const why = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 200);
