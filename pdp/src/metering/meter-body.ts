import { type Cursor, readU32, take } from "./cursor.ts";
import { encodeU32 } from "./encode-u32.ts";
import { opcode, readInstruction } from "./read-instruction.ts";

/**
 * Charges one step of the global `fuel` for every turn of a loop, and for every call of a function that itself calls.
 * A function that does neither is a bounded piece of its caller. Without a step left it traps.
 *
 * @param body - locals and code of a function, without its size
 * @throws VivifiedError `policy_bundle_refused` `not_runnable` when it holds an instruction that is not known
 */
export function meterBody(body: Uint8Array, fuel: number): Uint8Array {
  const cursor = { bytes: body, at: 0 };
  skipLocals(cursor);
  const start = cursor.at;
  const { loops, calls } = findSteps(cursor);
  const places = calls ? [start, ...loops] : loops;
  return chargeAt(body, places, charge(fuel));
}

function skipLocals(cursor: Cursor): void {
  const groups = readU32(cursor);
  for (let group = 0; group < groups; group++) {
    readU32(cursor);
    take(cursor, 1);
  }
}

function findSteps(cursor: Cursor): { loops: number[]; calls: boolean } {
  const loops: number[] = [];
  let calls = false;
  while (cursor.at < cursor.bytes.length) {
    const code = readInstruction(cursor);
    if (code === opcode.loop) loops.push(cursor.at);
    if (code === opcode.call || code === opcode.callIndirect) calls = true;
  }
  return { loops, calls };
}

function chargeAt(body: Uint8Array, places: readonly number[], code: Uint8Array): Uint8Array {
  const ends = [...places, body.length];
  return Buffer.concat([
    body.subarray(0, ends[0]),
    ...places.flatMap((at, n) => [code, body.subarray(at, ends[n + 1])]),
  ]);
}

/** `if (fuel == 0) trap; fuel -= 1` */
function charge(fuel: number): Uint8Array {
  const [get, set, eqz, sub, one] = [0x23, 0x24, 0x45, 0x6b, [0x41, 0x01]];
  const global = encodeU32(fuel);
  const trapIfEmpty = [get, ...global, eqz, 0x04, 0x40, 0x00, opcode.end];
  return Uint8Array.from([...trapIfEmpty, get, ...global, ...one, sub, set, ...global]);
}
