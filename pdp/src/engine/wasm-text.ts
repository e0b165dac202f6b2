const encoder = new TextEncoder();

/** The text at an address, up to its NUL. */
export function textAt(memory: WebAssembly.Memory, address: number): string {
  const bytes = Buffer.from(memory.buffer);
  return bytes.toString("utf8", address, bytes.indexOf(0, address));
}

/** Text as bytes in UTF-8. */
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => encoder.encode(text);
