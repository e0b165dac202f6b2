import { base64Of, bytesOf } from "./base64.ts";
import { isKeyName } from "./verifier-key.ts";

/** One line below a note: who says to have signed it, and the bytes they signed it with. */
export type SignatureLine = { readonly name: string; readonly id: string; readonly signature: Uint8Array };

/** `— name base64(id || signature)` and a newline (signed-note, format). */
export function formatSignatureLine({ name, id, signature }: SignatureLine): string {
  return `— ${name} ${base64Of(Buffer.concat([Buffer.from(id, "hex"), signature]))}\n`;
}

/** A line without its newline; undefined when it is not a signature. */
export function parseSignatureLine(line: string): SignatureLine | undefined {
  const [dash, name = "", base64 = "", ...more] = line.split(" ");
  const bytes = bytesOf(base64);
  if (dash !== "—" || !isKeyName(name) || bytes === undefined || bytes.length < 5 || more.length > 0) return undefined;
  return { name, id: Buffer.from(bytes.subarray(0, 4)).toString("hex"), signature: bytes.subarray(4) };
}
