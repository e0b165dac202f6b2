import { VivifiedError } from "@vivified/runtime";

/** As often as a tail is asked about. */
const everyMs = 10_000;

/**
 * The pieces of a long answer for as long as its reader may have them, which is asked again before a piece leaves: a slow
 * reader would otherwise go on for hours after their account or role is gone.
 *
 * @throws VivifiedError `denied` 403: the answer breaks off, and nobody takes a part for the whole
 */
export async function* whileAllowed<Piece>(
  pieces: AsyncIterable<Piece>,
  mayStill: () => Promise<boolean>,
): AsyncGenerator<Piece> {
  let nextMs = performance.now() + everyMs;
  for await (const piece of pieces) {
    if (performance.now() >= nextMs) {
      if (!(await mayStill())) throw new VivifiedError("denied", { detail: "the reader may not read any more" });
      nextMs = performance.now() + everyMs;
    }
    yield piece;
  }
}
