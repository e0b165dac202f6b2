import { VivifiedError } from "@vivified/runtime";
import { cosignaturesIn, formatAddCheckpoint, type Hash, splitNote } from "@vivified/tlog";
import { type Dispatcher, request } from "undici";
import type { SignedCheckpoint } from "./log-store.ts";
import type { Witness } from "./parse-witnesses.ts";

export type AskWitness = {
  readonly witness: Witness;
  readonly checkpoint: SignedCheckpoint;
  /** What we believe the witness signed last; it may know better. */
  readonly oldSize: number;
  /** The consistency proof from an older size to the checkpoint. */
  readonly prove: (oldSize: number) => Promise<readonly Hash[]>;
};

const timeoutMs = 10_000;
const maxAnswerBytes = 65_536;

/**
 * Has a witness sign a checkpoint (tlog-witness, add-checkpoint). When it remembers another size than we do, it is asked
 * once more from there.
 *
 * @returns the signature line, which was verified
 * @throws VivifiedError `upstream_failed` for any other answer, a wrong signature among them
 */
export async function askWitness(asked: AskWitness): Promise<string> {
  const first = await post(asked, asked.oldSize);
  const answer = first.knownSize === undefined ? first : await post(asked, first.knownSize);
  const text = splitNote(asked.checkpoint.note)?.text ?? "";
  const line = answer.status === 200 ? cosignaturesIn(answer.body, text, asked.witness.key) : undefined;
  if (line !== undefined) return line;
  const detail = answer.status === 200 ? "its signature is not right" : `it answered ${answer.status}`;
  throw new VivifiedError("upstream_failed", { detail: `witness ${asked.witness.key.name}: ${detail}` });
}

type Answer = { readonly status: number; readonly body: string /** Told with 409. */; readonly knownSize?: number };

async function post({ witness, checkpoint, prove }: AskWitness, oldSize: number): Promise<Answer> {
  const body = formatAddCheckpoint({ oldSize, proof: await prove(oldSize), checkpoint: checkpoint.note });
  const reply = await request(new URL("add-checkpoint", witness.url), {
    method: "POST",
    body,
    headers: { "content-type": "text/plain; charset=utf-8" },
    signal: AbortSignal.timeout(timeoutMs),
  });
  const said = await readSome(reply.body);
  const known = reply.statusCode === 409 ? /^(0|[1-9]\d{0,14})\n$/.exec(said)?.[1] : undefined;
  const isUsable = known !== undefined && Number(known) <= checkpoint.size;
  return { status: reply.statusCode, body: said, ...(isUsable && { knownSize: Number(known) }) };
}

/** As much as any right answer has; more of it is not read. */
async function readSome(body: Dispatcher.ResponseData["body"]): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) break;
  }
  return Buffer.concat(chunks).toString();
}
