import { blockSignatureHeader } from "@vivified/runtime";
import { parseBlock, type StreamedBlock, type StreamMessage, unread } from "./parse-block.ts";
import type { WriterKeys } from "./writer-keys.ts";

/** Takes a message of the stream for what it is. `writers` knows whether it is by whom it says. */
export async function readBlock(message: StreamMessage, writers: Pick<WriterKeys, "signed">): Promise<StreamedBlock> {
  const block = unread(message);
  const signed = await writers.signed({ ...block, signature: signatureIn(message) });
  return signed ? parseBlock(message) : { ...block, unsigned: true };
}

/** The client reads headers when it is asked for them, and throws at those that are none: they hold no signature. */
function signatureIn(message: StreamMessage): string {
  try {
    return message.headers?.get(blockSignatureHeader) ?? "";
  } catch {
    return "";
  }
}
