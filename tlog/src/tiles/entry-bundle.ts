import { VivifiedError } from "@vivified/runtime";

/** An entry's length is told in two bytes. */
export const maxEntryBytes = 65_535;

/**
 * Entries as tlog-tiles bundles them: each behind its length, a big-endian uint16.
 *
 * @throws VivifiedError `too_large` for an entry of more than 65,535 bytes
 */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(entries.flatMap((entry) => [lengthOf(entry), entry]));
}

/** @throws VivifiedError `malformed` when the bytes end within an entry */
export function decodeBundle(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = at + 2;
    const end = start > bytes.length ? Number.POSITIVE_INFINITY : start + view.getUint16(at);
    if (end > bytes.length) throw new VivifiedError("malformed", { detail: "an entry bundle ends within an entry" });
    entries.push(bytes.subarray(start, end));
    at = end;
  }
  return entries;
}

function lengthOf(entry: Uint8Array): Uint8Array {
  if (entry.length > maxEntryBytes) {
    throw new VivifiedError("too_large", { detail: `a log entry of ${entry.length} bytes` });
  }
  return Buffer.from([entry.length >> 8, entry.length & 0xff]);
}
