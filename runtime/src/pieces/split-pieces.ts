import { createHash } from "node:crypto";

/** Half of what one NATS message may hold. */
const pieceBytes = 512 * 1024;

/** One piece of something larger, named by its content. */
export type Piece = { readonly sha256: string; readonly bytes: Uint8Array };

/** Cuts bytes into pieces of at most 512 KiB, in order. The same bytes give the same pieces, whoever cuts them. */
export function splitPieces(bytes: Uint8Array): readonly Piece[] {
  const count = Math.ceil(bytes.length / pieceBytes);
  return Array.from({ length: count }, (_, index) => {
    const piece = bytes.subarray(index * pieceBytes, (index + 1) * pieceBytes);
    return { sha256: createHash("sha256").update(piece).digest("hex"), bytes: piece };
  });
}
