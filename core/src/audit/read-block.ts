import { blockSignatureHeader } from "@vivified/runtime";
import { parseBlock, type StreamedBlock, type StreamMessage, unread } from "./parse-block.ts";
import type { WriterKeys } from "./writer-keys.ts";

/** Takes a message of the stream for what it is. `writers` knows whether it is by whom it says. */
export async function readBlock(message: StreamMessage, writers: Pick<WriterKeys, "signed">): Promise<StreamedBlock> {
  const block = unread(message);
  const signed = await writers.signed({ ...block, signature: signatureIn(message) });
  return signed ? parseBlock(message) : { ...block, unsigned: true };
}

/** More than a block of ours has. */
const mostHeaderBytes = 1024;

/**
 * The client reads headers when it is asked for them, in a time that grows with the square of their number, and throws at
 * those that are none: neither hold a signature.
 */
function signatureIn(message: StreamMessage): string {
  if (headerBytesOf(message) > mostHeaderBytes) return "";
  try {
    return message.headers?.get(blockSignatureHeader) ?? "";
  } catch {
    return "";
  }
}

/** A message as the client holds it: `size` is that of all of it. */
type Raw = {
  readonly size: () => number;
  readonly subject: string;
  readonly reply?: string;
  readonly data: Uint8Array;
};

/** Without reading them: what is neither subject, reply nor data. */
function headerBytesOf({ msg }: StreamMessage & { readonly msg?: Raw }): number {
  return msg === undefined ? 0 : msg.size() - msg.subject.length - (msg.reply?.length ?? 0) - msg.data.length;
}
