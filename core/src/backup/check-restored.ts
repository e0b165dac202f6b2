import { createHash } from "node:crypto";
import { DeliverPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { auditEventsStream, logEntry } from "@vivified/contracts";
import { type Logger, type NatsConnection, VivifiedError } from "@vivified/runtime";
import {
  equalHashes,
  extendTree,
  leafHash,
  parseVerifierKey,
  rootAt,
  rootOfEdge,
  type TreeEdge,
  tileHashes,
  type VerifierKey,
} from "@vivified/tlog";
import { readBlock, WriterKeys } from "../audit/index.ts";
import { Database, type Db } from "../database/open-database.ts";
import {
  type LogStorage,
  logInconsistency,
  logStore,
  type OwnKeys,
  openOwnCheckpoint,
  signedEdge,
  storedTiles,
} from "../transparency/index.ts";
import { type KnownBlock, knownBlocks } from "./known-blocks.ts";

/** What the world has seen: the log's public key, and the newest checkpoint that an auditor or a witness holds. */
export type HeldCheckpoint = {
  readonly vkey: string;
  /** The public key before it, for a backup from before a change of the key. */
  readonly oldVkey?: string;
  readonly held?: string;
};
export type CheckDeps = HeldCheckpoint & {
  /** Whose blocks core will take in: JSON, public keys by process. */
  readonly processKeysFile: string;
  readonly databaseUrl: string;
  readonly nats: NatsConnection;
  readonly storage: LogStorage;
  readonly logger: Logger;
};

/** Blocks that were compared with rows, records in the log, and what core will take in once it starts. */
export type Checked = {
  readonly blocks: number;
  readonly signed: number;
  readonly reachable: number;
  /** Blocks behind the rows that will count for nothing: by no key that is known. */
  readonly unsigned: number;
};

/**
 * Whether rows, stream and log belong together. Without it a restore that lost records would go on under places of the
 * log that the world has seen filled otherwise: a fork.
 *
 * @throws VivifiedError `audit_unavailable` for blocks that the rows know and the stream has not, or otherwise;
 *   `log_inconsistent` for tiles or records that are not what was signed
 */
export async function checkRestored(deps: CheckDeps): Promise<Checked> {
  await using database = new Database({ url: deps.databaseUrl, logger: deps.logger, connections: 2 });
  const { db } = database;
  const writers = await WriterKeys.open({ file: deps.processKeysFile, changed: async () => {} });
  const read = await readStream(deps.nats, { db, writers });
  const newest = await logStore(db).newest();
  const { storage } = deps;
  const identity = keysOf(deps);
  const edge = await signedEdge(newest, { identity, storage });
  const waiting = (await logStore(db).leaves(edge.size, Number.MAX_SAFE_INTEGER)).map(({ entry }) => entry);
  const entries = [...waiting, ...read.entries];
  if (deps.held !== undefined) await requireReachable(deps.held, { identity, edge, entries, storage });
  return { blocks: read.compared, signed: edge.size, reachable: edge.size + entries.length, unsigned: read.unsigned };
}

function keysOf({ vkey, oldVkey }: HeldCheckpoint): OwnKeys {
  return { verifier: verifierOf(vkey), ...(oldVkey !== undefined && { old: { verifier: verifierOf(oldVkey) } }) };
}

function verifierOf(vkey: string): VerifierKey {
  const key = parseVerifierKey(vkey.trim());
  if (key === undefined) throw new VivifiedError("invalid", { detail: "the log's public key is not a verifier key" });
  return key;
}

type Read = {
  readonly compared: number;
  readonly entries: readonly string[];
  readonly unsigned: number;
};

/**
 * Every block that the rows know must be there as it was; what is behind them is what core will take in. Blocks before
 * the first that they know are beyond retention, and on their way out of the stream. Both come in the same order, so
 * that neither has to be in memory.
 */
async function readStream(nats: NatsConnection, { db, writers }: { db: Db; writers: WriterKeys }): Promise<Read> {
  const row = await db.selectFrom("audit_position").selectAll().executeTakeFirstOrThrow();
  const position = Number(row.stream_sequence);
  const known = knownBlocks(db);
  let next = (await known.next()).value;
  const first = next?.sequence ?? position + 1;
  const entries: string[] = [];
  let [compared, unsigned] = [0, 0];
  for await (const message of messagesOf(nats)) {
    if (message.seq < first) continue;
    if (message.seq > position) {
      const block = await readBlock(message, writers);
      if (block.unsigned) unsigned += 1;
      entries.push(...(block.block?.records ?? []).map(logEntry));
      continue;
    }
    requireSame(message, next);
    compared += 1;
    next = (await known.next()).value;
  }
  if (next !== undefined) throw missing(next);
  return { compared, entries, unsigned };
}

function requireSame({ seq, data }: { seq: number; data: Uint8Array }, known: KnownBlock | undefined): void {
  if (known !== undefined && known.sequence < seq) throw missing(known);
  if (known?.sequence === seq && known.hash === createHash("sha256").update(data).digest("hex")) return;
  throw lost(`block ${seq} of the stream is not the one that was taken in`);
}

async function* messagesOf(nats: NatsConnection) {
  const { state } = await (await jetstreamManager(nats)).streams.info(auditEventsStream.name);
  if (state.messages === 0) return;
  const options = { deliver_policy: DeliverPolicy.All, filter_subjects: "audit.>" } as const;
  const consumer = await jetstream(nats).consumers.get(auditEventsStream.name, options);
  for await (const message of await consumer.consume()) {
    yield message;
    if (message.seq >= state.last_seq) return;
  }
}

type Reaching = {
  readonly identity: OwnKeys;
  readonly edge: TreeEdge;
  readonly entries: readonly string[];
  readonly storage: LogStorage;
};

/** The held checkpoint must be one that the restored log comes to, or has come from. */
async function requireReachable(held: string, { identity, edge, entries, storage }: Reaching): Promise<void> {
  const opened = openOwnCheckpoint(held, identity);
  if (opened.fault !== undefined)
    throw logInconsistency(`the checkpoint that is held is not the log's: ${opened.fault}`);
  const { size, root } = opened.checkpoint;
  const reachable = edge.size + entries.length;
  if (size > reachable)
    throw logInconsistency(`a checkpoint of ${size} was seen; the backup reaches ${reachable} records`);
  const leaves = () => entries.slice(0, size - edge.size).map((entry) => leafHash(Buffer.from(entry)));
  const own =
    size <= edge.size
      ? await rootAt(size, tileHashes(edge.size, storedTiles(storage)))
      : rootOfEdge(extendTree(edge, leaves()).edge);
  if (!equalHashes(own, root)) throw logInconsistency(`a checkpoint of ${size} was seen with another root`);
}

const missing = ({ sequence }: KnownBlock) => lost(`block ${sequence}, which was taken in, is not in the stream`);
const lost = (detail: string): VivifiedError => new VivifiedError("audit_unavailable", { detail });
