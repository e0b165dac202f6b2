import type { SignatureLine } from "./signature-line.ts";
import { splitNote } from "./split-note.ts";
import type { VerifierKey } from "./verifier-key.ts";
import { type VerifiedSignature, verifySignature } from "./verify-signature.ts";

/**
 * Why a note is not believed: it is none; a key that we know did not make the signature that names it; or none of the
 * keys that we know signed it.
 */
export type NoteFault = "malformed" | "bad_signature" | "unknown_signer";

export type OpenedNote =
  | {
      readonly text: string;
      /** At least one; each key at most once. */
      readonly verified: readonly VerifiedSignature[];
      readonly unknown: readonly SignatureLine[];
      readonly fault?: never;
    }
  | {
      readonly fault: NoteFault;
      /** Whose signatures are wrong, or who signed instead of those that we know. */
      readonly signers: readonly string[];
    };

/** Verifies a note (signed-note, signatures): every signature of a key that we know must be right, and one must be there. */
export function openNote(note: Uint8Array | string, keys: readonly VerifierKey[]): OpenedNote {
  const split = splitNote(note);
  if (split === undefined) return { fault: "malformed", signers: [] };
  const { text, signatures } = split;
  const known = uniqueSigners(signatures).flatMap((line) => keys.filter(isSigner(line)).map((key) => ({ line, key })));
  const judged = known.map(({ line, key }) => ({ name: key.name, signature: verifySignature(text, line, key) }));
  const wrong = judged.filter(({ signature }) => signature === undefined).map(({ name }) => name);
  if (wrong.length > 0) return { fault: "bad_signature", signers: wrong };
  const verified = judged.flatMap(({ signature }) => signature ?? []);
  if (verified.length === 0) return { fault: "unknown_signer", signers: signatures.map(({ name }) => name) };
  return { text, verified, unknown: signatures.filter((line) => !keys.some(isSigner(line))) };
}

const isSigner = (line: SignatureLine) => (key: VerifierKey) => key.name === line.name && key.id === line.id;

/** A second signature of the same key says nothing more. */
function uniqueSigners(lines: readonly SignatureLine[]): SignatureLine[] {
  return [...new Map(lines.toReversed().map((line) => [`${line.name} ${line.id}`, line])).values()].toReversed();
}
