import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { sql } from "kysely";
import { Client } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { ensureMonths, monthsOf } from "../../../core/src/audit/audit-months.ts";
import { decisionColumns } from "../../../core/src/audit/decision-columns.ts";
import { outcomeColumns } from "../../../core/src/audit/outcome-columns.ts";
import type { Db } from "../../../core/src/database/open-database.ts";
import { copyLine } from "./copy-text.ts";
import { countAll } from "./count-all.ts";
import { type SampleRecord, type SampleSpan, sampleRecords } from "./sample-records.ts";
import { ShapesInUse } from "./shapes-in-use.ts";
import { withoutIndexes } from "./without-indexes.ts";

const recordsAtATime = 20_000;
const recordsOfABlock = 100;

export type Fill = SampleSpan & { readonly url: string; readonly say: (line: string) => void };

/**
 * Fills a migrated, empty database with sample records as ingest would: the same rows in the same tables, but copied, and
 * indexed afterwards. Leaves and blocks are left out: the transparency log takes the former away, and no search reads them.
 */
export async function fillDecisions(db: Db, { url, say, ...span }: Fill): Promise<void> {
  await makeMonths(db, span);
  await using copies = await openCopies(url);
  const shapes = new ShapesInUse(db);
  await withoutIndexes(db, say, async () => {
    let copied = Promise.resolve();
    let place = 0;
    for (const records of chunks(sampleRecords(span))) {
      const { decisions, outcomes, places } = textOf(records, place, await shapes.idsOf(records));
      await copied;
      copied = copies.write(decisions, outcomes);
      copied.catch(() => undefined); // thrown where it is awaited
      if (Math.floor(place / 2_000_000) !== Math.floor((place + places) / 2_000_000)) say(`${place} places filled`);
      place += places;
    }
    await copied;
    await sql`update audit_position set log_size = ${place}`.execute(db);
  });
  await countAll(db);
}

/** Months that are to come too: so it is in an installation. */
async function makeMonths(db: Db, { since, until }: SampleSpan): Promise<void> {
  const days = Math.ceil((until - since) / 86_400_000) + 1;
  const times = Array.from({ length: days }, (_, nth) => new Date(Math.min(since + nth * 86_400_000, until)));
  if (!db.isTransaction) await ensureMonths(db, monthsOf(times, new Date()));
}

function* chunks(records: Iterable<SampleRecord>): Generator<readonly SampleRecord[]> {
  let chunk: SampleRecord[] = [];
  for (const record of records) {
    chunk.push(record);
    if (chunk.length < recordsAtATime) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function textOf(records: readonly SampleRecord[], first: number, shapeIds: ReadonlyMap<string, string>) {
  let [decisions, outcomes, logIndex] = ["", "", first];
  for (const { decision, outcome, shape } of records) {
    const shapeId = shapeIds.get(shape) ?? "";
    decisions += copyLine(decisionColumns(decision, { ...placeAt(logIndex), shapeId }));
    logIndex += 1;
    if (outcome === undefined) continue;
    const place = { ...placeAt(logIndex), subjectWriter: writer, writer, storable: true };
    outcomes += copyLine(outcomeColumns({ record: outcome, ...place }));
    logIndex += 1;
  }
  return { decisions, outcomes, places: logIndex - first };
}

const writer = "gateway-1-0";
const placeAt = (logIndex: number) => ({ logIndex, streamSequence: 1 + Math.floor(logIndex / recordsOfABlock) });

const decisionNames =
  "occurred_at, decision_id, tenant_id, lane, entrypoint, caller, action, resource, target, effect, rules, trace_id, parent_id, record, stream_sequence, log_index, shape_id, kept_subject";
const outcomeNames = "decided_at, decision_id, occurred_at, record, stream_sequence, log_index";

async function openCopies(url: string) {
  await using stack = new AsyncDisposableStack();
  const connect = async () => {
    const client = new Client({ connectionString: url });
    client.on("error", () => undefined); // whoever copies is told
    stack.defer(() => client.end());
    await client.connect();
    await client.query("set synchronous_commit = off");
    return client;
  };
  const [forDecisions, forOutcomes] = [await connect(), await connect()];
  const opened = stack.move();
  return {
    write: async (decisions: string, outcomes: string) => {
      await copy(forDecisions, `copy decisions (${decisionNames}) from stdin`, decisions);
      await copy(forOutcomes, `copy decision_outcomes (${outcomeNames}) from stdin`, outcomes);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

async function copy(client: Client, statement: string, text: string): Promise<void> {
  await pipeline(Readable.from([Buffer.from(text)]), client.query(copyFrom(statement)));
}
