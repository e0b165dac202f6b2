import { parseSignatureLine, type SignatureLine } from "./signature-line.ts";

/** A note as it is written: text that ends with a newline, and who says to have signed it. Nothing is verified yet. */
export type SplitNote = { readonly text: string; readonly signatures: readonly SignatureLine[] };

const maxNoteBytes = 1_000_000;
const maxSignatures = 100;

/** Undefined for what is no note (signed-note, format), or larger than 1 MB, or has more than 100 signatures. */
export function splitNote(note: Uint8Array | string): SplitNote | undefined {
  const written = textOf(note);
  const end = written?.lastIndexOf("\n\n") ?? -1;
  if (written === undefined || end < 0 || !written.endsWith("\n")) return undefined;
  const signatures = signaturesIn(written.slice(end + 2, -1));
  return signatures && { text: written.slice(0, end + 1), signatures };
}

/** Lines of signatures, the last without its newline; undefined when one is none. */
export function signaturesIn(lines: string): SignatureLine[] | undefined {
  const signatures = lines.split("\n", maxSignatures + 1).map(parseSignatureLine);
  const right = signatures.filter((signature) => signature !== undefined);
  return right.length === signatures.length && right.length <= maxSignatures ? right : undefined;
}

function textOf(note: Uint8Array | string): string | undefined {
  const bytes = typeof note === "string" ? Buffer.from(note, "utf8") : note;
  if (bytes.length > maxNoteBytes) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the specification forbids exactly these
    return /[\x00-\x09\x0b-\x1f]/.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}
