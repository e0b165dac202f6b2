/** The shortest unsigned LEB128 of a number below 2³² (WebAssembly Core 2.0, §5.2.2). */
export function encodeU32(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return [...bytes, rest];
}
