import type { KeyObject } from "node:crypto";
import {
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from "@nats-io/jetstream";
import { type MsgHdrs, headers as newHeaders } from "@nats-io/nats-core";
import { auditBlockSubject, auditEventsStream } from "@vivified/contracts";
import type { NatsConnection } from "../nats/connect-nats.ts";
import { BlockOvertaken, type BlockStream, type StoredBlock } from "./block-stream.ts";
import { blockSignatureHeader, signBlock } from "./sign-block.ts";

export type NatsBlockStreamOptions = {
  readonly connection: NatsConnection;
  readonly writer: string;
  /** What blocks are signed with: private, Ed25519, the process's own. */
  readonly key: KeyObject;
  readonly timeoutMs: number;
};

const stream = auditEventsStream.name;
/** `JSStreamWrongLastSequenceErrF` */
const wrongLastSequence = 10071;

/**
 * Blocks in JetStream, on the writer's own subject, each behind the one that it names, and signed: a subject alone does not
 * say who published there. They have no message id: ids are the stream's, and whoever used a writer's next one first would
 * make JetStream take that writer's block for stored. Reads go to the stream's leader (`STREAM.MSG.GET`, never direct get):
 * recovery must see what is really there.
 */
export async function natsBlockStream(options: NatsBlockStreamOptions): Promise<BlockStream> {
  const subject = auditBlockSubject(options.writer);
  const client = jetstream(options.connection, { timeout: options.timeoutMs });
  const manager = await jetstreamManager(options.connection, { timeout: options.timeoutMs, checkAPI: false });
  return {
    append: (block) => append(client, subject, { ...block, ...options }),
    firstAfter: (sequence) => read(manager, { seq: sequence + 1, next_by_subj: subject }),
    last: () => read(manager, { last_by_subj: subject }),
  };
}

type Append = { bytes: Uint8Array; after: number; timeoutMs: number; key: KeyObject };

async function append(client: JetStreamClient, subject: string, block: Append): Promise<number> {
  const expect = { streamName: stream, lastSubjectSequence: block.after };
  const headers = signatureOf(block);
  const options = { headers, expect, timeout: block.timeoutMs, retries: 1 };
  try {
    return (await client.publish(subject, block.bytes, options)).seq;
  } catch (error) {
    const overtaken = error instanceof JetStreamApiError && error.code === wrongLastSequence;
    throw overtaken ? new BlockOvertaken("another block stands there", { cause: error }) : error;
  }
}

function signatureOf({ bytes, key }: Append): MsgHdrs {
  const headers = newHeaders();
  headers.set(blockSignatureHeader, signBlock(bytes, key));
  return headers;
}

type Wanted = { seq: number; next_by_subj: string } | { last_by_subj: string };

async function read(manager: JetStreamManager, wanted: Wanted): Promise<StoredBlock | undefined> {
  const message = await manager.streams.getMessage(stream, wanted);
  return message === null ? undefined : { streamSequence: message.seq, bytes: message.data };
}
