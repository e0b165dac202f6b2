import { encodeU32 } from "./encode-u32.ts";

const framed = (id: number, content: readonly number[]) => [id, ...encodeU32(content.length), ...content];
const vector = (items: readonly (readonly number[])[]) => [...encodeU32(items.length), ...items.flat()];
const name = (text: string) => [...encodeU32(text.length), ...Buffer.from(text)];

/**
 * A module of functions without arguments or results, `f0`, `f1` … by their code (without `end`), with one mutable
 * global and one page of memory.
 */
export function wasmOf(...functions: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  const bodies = functions.map((code) => [...encodeU32(code.length + 2), 0x00, ...code, 0x0b]);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...framed(1, vector([[0x60, 0x00, 0x00]])),
    ...framed(3, vector(functions.map(() => [0x00]))),
    ...framed(5, vector([[0x00, 0x01]])),
    ...framed(6, vector([[0x7f, 0x01, 0x41, 0x00, 0x0b]])),
    ...framed(7, vector(functions.map((_, index) => [...name(`f${index}`), 0x00, index]))),
    ...framed(10, vector(bodies)),
  ]);
}
