import { type Cursor, notMeterable, readByte, readU32, skipSigned, take } from "./cursor.ts";

/** The instructions that metering needs to know by name. */
export const opcode = { loop: 0x03, end: 0x0b, call: 0x10, callIndirect: 0x11 } as const;

/**
 * Passes over one instruction with its immediates and gives its opcode. Knows WebAssembly 1.0 with sign extension and
 * saturating conversions, which is what OPA compiles to. Everything else is refused: a tail call would be a loop that
 * nobody counts, a bulk memory instruction a step of any length.
 *
 * @throws VivifiedError `policy_bundle_refused` `not_runnable` for an instruction that is not known
 */
export function readInstruction(cursor: Cursor): number {
  const code = readByte(cursor);
  const skip = code >= 0x45 && code <= 0xc4 ? nothing : immediates.get(code);
  if (skip === undefined) throw notMeterable(`instruction 0x${code.toString(16)} is not known`);
  skip(cursor);
  return code;
}

type Skip = (cursor: Cursor) => void;

const nothing: Skip = () => undefined;
const index: Skip = (cursor) => void readU32(cursor);
const bytes =
  (length: number): Skip =>
  (cursor) =>
    void take(cursor, length);

/** `0x40`, a value type, or the index of a type: all of them a signed number of 33 bits. */
const blockType: Skip = (cursor) => skipSigned(cursor, 33);

const branchTable: Skip = (cursor) => {
  const targets = readU32(cursor);
  for (let target = 0; target <= targets; target++) readU32(cursor);
};

const twoIndices: Skip = (cursor) => {
  index(cursor);
  index(cursor);
};

/** Alignment and offset. A larger alignment would announce a memory index. */
const memoryArgument: Skip = (cursor) => {
  if (readU32(cursor) > 3) throw notMeterable("it uses more than one memory");
  readU32(cursor);
};

const saturating: Skip = (cursor) => {
  const code = readU32(cursor);
  if (code > 7) throw notMeterable(`instruction 0xfc 0x${code.toString(16)} is not known`);
};

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, n) => from + n);

const immediates: ReadonlyMap<number, Skip> = new Map([
  ...[0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b].map((code) => [code, nothing] as const),
  ...[0x02, 0x03, 0x04].map((code) => [code, blockType] as const),
  ...[0x0c, 0x0d, 0x10, ...range(0x20, 0x24)].map((code) => [code, index] as const),
  [0x0e, branchTable],
  [0x11, twoIndices],
  ...range(0x28, 0x3e).map((code) => [code, memoryArgument] as const),
  ...[0x3f, 0x40].map((code) => [code, index] as const),
  [0x41, (cursor) => skipSigned(cursor, 32)],
  [0x42, (cursor) => skipSigned(cursor, 64)],
  [0x43, bytes(4)],
  [0x44, bytes(8)],
  [0xfc, saturating],
]);
