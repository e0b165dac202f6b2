import { readFile } from "node:fs/promises";
import type { Platform } from "@vivified/cli";
import type { DecisionRecord, OutcomeRecord } from "@vivified/contracts";
import { Client } from "pg";
import type { Kept, KeptRecord } from "./evidence.ts";

type Row<Kind> = { readonly record: Kind; readonly stream_sequence: string | null; readonly log_index: string | null };

/** What PostgreSQL holds, read beside core in one transaction. */
export function readKept(platform: Platform): Promise<Kept> {
  return asking(platform, async (database) => {
    await database.query("begin isolation level repeatable read read only");
    const decisions = await rows<DecisionRecord>(database, "decisions");
    const outcomes = await rows<OutcomeRecord>(database, "decision_outcomes");
    const faults = await database.query(
      "select writer, epoch, sequence, fault from audit_blocks where fault is not null",
    );
    const users = await database.query("select id, username from users where username like 'user-%'");
    const position = await database.query("select stream_sequence, log_size from audit_position");
    return {
      decisions,
      outcomes,
      faults: faults.rows.map((row) => Object.values(row).join(" ")),
      users: users.rows,
      position: Number(position.rows[0]?.stream_sequence ?? 0),
      logSize: Number(position.rows[0]?.log_size ?? 0),
    };
  });
}

/** How far core has come in the stream. */
export function readPosition(platform: Platform): Promise<number> {
  return asking(platform, async (database) => {
    const { rows: found } = await database.query("select stream_sequence from audit_position");
    return Number(found[0]?.stream_sequence ?? 0);
  });
}

/** Asks PostgreSQL something, over a connection of its own. */
export async function asking<T>(platform: Platform, ask: (database: Client) => Promise<T>): Promise<T> {
  const database = await openClient(platform);
  try {
    return await ask(database);
  } finally {
    await database.end();
  }
}

async function rows<Kind>(database: Client, table: string): Promise<KeptRecord<Kind>[]> {
  const { rows: found } = await database.query<Row<Kind>>(`select record, stream_sequence, log_index from ${table}`);
  return found.map(({ record, stream_sequence: sequence, log_index: index }) => ({
    record,
    place:
      sequence === null || index === null ? undefined : { streamSequence: Number(sequence), logIndex: Number(index) },
  }));
}

async function openClient({ home }: Platform): Promise<Client> {
  const { postgres: port } = JSON.parse(await readFile(home.at("ports.json"), "utf8")) as { postgres: number };
  const password = (await readFile(home.at("secrets", "database-password"), "utf8")).trim();
  const client = new Client({ host: "127.0.0.1", port, user: "vivified", password, database: "vivified" });
  client.on("error", () => undefined); // a server that is killed: the query says so
  await client.connect();
  return client;
}
