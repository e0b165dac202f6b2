import { bundleRefused } from "../bundle/bundle-refused.ts";

/** A place in a Wasm binary. */
export type Cursor = { readonly bytes: Uint8Array; at: number };

/** The next byte. @throws VivifiedError `policy_bundle_refused` `not_runnable` at the end */
export function readByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at];
  if (byte === undefined) throw notMeterable("it ends in the middle");
  cursor.at += 1;
  return byte;
}

/**
 * An unsigned LEB128 of at most 32 bits (WebAssembly Core 2.0, §5.2.2).
 *
 * @throws VivifiedError `policy_bundle_refused` `not_runnable` when it is longer or larger
 */
export function readU32(cursor: Cursor): number {
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = readByte(cursor);
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return within32(value);
  }
  throw notMeterable("a number in it is too long");
}

/** Passes over a signed LEB128 of at most `bits`, whatever its value. */
export function skipSigned(cursor: Cursor, bits: 32 | 33 | 64): void {
  for (let read = 0; read < bits; read += 7) {
    if (readByte(cursor) < 0x80) return;
  }
  throw notMeterable("a number in it is too long");
}

/**
 * The next `length` bytes, as a view.
 *
 * @throws VivifiedError `policy_bundle_refused` `not_runnable` when there are fewer
 */
export function take(cursor: Cursor, length: number): Uint8Array {
  const end = cursor.at + length;
  if (end > cursor.bytes.length) throw notMeterable("a part of it is longer than the whole");
  const part = cursor.bytes.subarray(cursor.at, end);
  cursor.at = end;
  return part;
}

/** The refusal of a module that cannot be metered, and so not be run. */
export const notMeterable = (why: string) => bundleRefused("not_runnable", `its module cannot be metered: ${why}`);

function within32(value: number): number {
  if (value >= 2 ** 32) throw notMeterable("a number in it is too large");
  return value;
}
