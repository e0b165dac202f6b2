import { encodeU32 } from "./encode-u32.ts";
import { fuelExport, meterModule } from "./meter-module.ts";

/** The module with a meter that nothing takes from: for comparing with what metering does to it. */
export function exposeIdleMeter(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const metered = Buffer.from(meterModule(bytes));
  const [whole, original] = [sectionsOf(metered), sectionsOf(bytes)];
  const parts = [...whole].map(([id, content]) => {
    const kept = id === 10 ? (original.get(id) ?? content) : content;
    return [Uint8Array.from([id, ...encodeU32(kept.length)]), kept];
  });
  if (metered.indexOf(fuelExport) < 0) throw new Error("the module has no meter");
  return new Uint8Array(Buffer.concat([metered.subarray(0, 8), ...parts.flat()]));
}

/** By id; custom sections do not count. */
function sectionsOf(bytes: Uint8Array): Map<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  for (let at = 8; at < bytes.length; ) {
    const [size, start] = sizeAt(bytes, at + 1);
    const id = bytes[at] ?? 0;
    if (id !== 0) found.set(id, bytes.subarray(start, start + size));
    at = start + size;
  }
  return found;
}

function sizeAt(bytes: Uint8Array, from: number): [number, number] {
  let [size, at] = [0, from];
  for (let shift = 0; ; shift += 7, at += 1) {
    const byte = bytes[at] ?? 0;
    size += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return [size, at + 1];
  }
}
