import { createWriteStream } from "node:fs";
import { type Readable, Transform, type TransformCallback } from "node:stream";

/** What an untrusted process may write into its log in one life; the rest is read and thrown away. */
const maxBytes = 64 * 1024 * 1024;

/**
 * Appends what a process says to a log (0600), up to a limit. The process holds a pipe and not the file, so it can
 * neither change what it said before nor fill the disk.
 */
export function keepBounded(output: Readable, file: string, limit = maxBytes): void {
  const log = createWriteStream(file, { flags: "a", mode: 0o600 });
  log.on("error", () => output.resume()); // a full disk must not block the process that writes
  output.pipe(upTo(limit)).pipe(log);
}

function upTo(limit: number): Transform {
  let left = limit;
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      const kept = chunk.subarray(0, left);
      const isFull = left > 0 && kept.length === left;
      left -= kept.length;
      done(null, isFull ? Buffer.concat([kept, Buffer.from("\nthe log is full; the rest is not kept\n")]) : kept);
    },
  });
}
