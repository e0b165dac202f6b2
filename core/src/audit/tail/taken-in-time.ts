export type ReaderLimit = {
  /** Ends the connection. */
  readonly cutOff: () => void;
  readonly timeoutMs: number;
};

/** Pieces as they are taken; a reader who leaves one untaken for too long is cut off, or it would hold its seat for ever. */
export async function* takenInTime(
  pieces: AsyncIterable<string>,
  { cutOff, timeoutMs }: ReaderLimit,
): AsyncGenerator<string> {
  for await (const piece of pieces) {
    const late = setTimeout(cutOff, timeoutMs);
    try {
      yield piece;
    } finally {
      clearTimeout(late);
    }
  }
}
