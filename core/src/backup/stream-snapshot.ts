import { once } from "node:events";
import { createReadStream } from "node:fs";
import { jetstreamManager } from "@nats-io/jetstream";
import { createInbox } from "@nats-io/nats-core";
import { isJsonObject, type JsonValue } from "@vivified/contracts";
import { type NatsConnection, VivifiedError } from "@vivified/runtime";
import { backupFile } from "./backup-files.ts";

/** What JetStream says of a stream (`config`, `state`) and wants to hear again when it comes back. */
export type StreamDescription = { readonly [name: string]: unknown };

const chunkBytes = 128 * 1024;
const timeoutMs = 60_000;

/** A user that may take streams of its account away and put them back; it hears its own inbox alone. */
export type StreamKeeper = {
  readonly nats: NatsConnection;
  readonly user: string;
  /** How long it waits for the next part of a stream; a minute unless said otherwise. */
  readonly patienceMs?: number;
};

/**
 * Writes a stream with its consumers into a file, as JetStream gives it: sequences and times stay what they are.
 *
 * @throws VivifiedError `audit_unavailable` when it breaks off: a server that was started again has forgotten who it was for
 */
export async function snapshotStream(
  { nats, user, patienceMs = timeoutMs }: StreamKeeper,
  name: string,
  file: string,
): Promise<StreamDescription> {
  const inbox = createInbox(`_INBOX_${user}`);
  const chunks = nats.subscribe(inbox);
  const asked = { deliver_subject: inbox, no_consumers: false, chunk_size: chunkBytes };
  const { config, state } = await ask(nats, `$JS.API.STREAM.SNAPSHOT.${name}`, asked);
  const out = backupFile(file);
  let end: { readonly code: number } | undefined;
  for await (const { data, headers, respond } of withReply(chunks, patienceMs)) {
    if (data.length === 0) {
      end = { code: headers ?? 0 };
      break;
    }
    if (!out.write(data)) await once(out, "drain");
    respond();
  }
  if (end === undefined || end.code >= 400)
    throw unusable(`the snapshot of ${name} broke off: ${end?.code ?? "no end"}`);
  await new Promise<void>((resolve, reject) => out.end((error?: Error | null) => (error ? reject(error) : resolve())));
  return { config, state };
}

/** @throws VivifiedError `conflict` where the stream is already */
export async function requireNoStream(nats: NatsConnection, name: string): Promise<void> {
  const named = await (await jetstreamManager(nats)).streams.names().next();
  if (named.includes(name)) throw new VivifiedError("conflict", { detail: `the stream ${name} is there already` });
}

/** Puts a stream back that is not there. @throws VivifiedError `audit_unavailable` when JetStream does not take it */
export async function restoreStream(
  nats: NatsConnection,
  { name, description }: { name: string; description: StreamDescription },
  file: string,
): Promise<void> {
  const { deliver_subject: to } = await ask(nats, `$JS.API.STREAM.RESTORE.${name}`, description);
  if (typeof to !== "string") throw unusable(`JetStream names no place for ${name}`);
  for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes })) {
    await nats.request(to, chunk, { timeout: timeoutMs });
  }
  answerOf((await nats.request(to, new Uint8Array(), { timeout: timeoutMs })).data);
}

/** Ends without a last, empty part when the next one takes too long. */
async function* withReply(chunks: ReturnType<NatsConnection["subscribe"]>, patienceMs: number) {
  const timer = setTimeout(() => chunks.unsubscribe(), patienceMs);
  try {
    for await (const message of chunks) {
      timer.refresh();
      yield { data: message.data, headers: message.headers?.code, respond: () => message.respond() };
    }
  } finally {
    clearTimeout(timer);
  }
}

async function ask(nats: NatsConnection, subject: string, body: object): Promise<StreamDescription> {
  return answerOf((await nats.request(subject, JSON.stringify(body), { timeout: timeoutMs })).data);
}

function answerOf(data: Uint8Array): StreamDescription {
  const answer: JsonValue = JSON.parse(new TextDecoder().decode(data));
  if (!isJsonObject(answer)) throw unusable("JetStream's answer is none");
  if (answer.error !== undefined) throw unusable(`JetStream refuses: ${JSON.stringify(answer.error)}`);
  return answer;
}

const unusable = (detail: string): VivifiedError => new VivifiedError("audit_unavailable", { detail });
