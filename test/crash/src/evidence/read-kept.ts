import { readFile } from "node:fs/promises";
import type { Platform } from "@vivified/cli";
import type { DecisionRecord, OutcomeRecord } from "@vivified/contracts";
import { Client } from "pg";
import type { Kept, KeptRecord } from "./evidence.ts";

type Row<Kind> = { readonly record: Kind; readonly stream_sequence: string | null };

/** What PostgreSQL holds, read beside core in one transaction. */
export async function readKept(platform: Platform): Promise<Kept> {
  const database = await openClient(platform);
  try {
    await database.query("begin isolation level repeatable read read only");
    const decisions = await rows<DecisionRecord>(database, "decisions");
    const outcomes = await rows<OutcomeRecord>(database, "decision_outcomes");
    const faults = await database.query(
      "select writer, epoch, sequence, fault from audit_blocks where fault is not null",
    );
    const users = await database.query("select id, username from users where username like 'user-%'");
    const position = await database.query("select stream_sequence from audit_position");
    return {
      decisions,
      outcomes,
      faults: faults.rows.map((row) => Object.values(row).join(" ")),
      users: users.rows,
      position: Number(position.rows[0]?.stream_sequence ?? 0),
    };
  } finally {
    await database.end();
  }
}

/** How far core has come in the stream. */
export async function readPosition(platform: Platform): Promise<number> {
  const database = await openClient(platform);
  try {
    const { rows: found } = await database.query("select stream_sequence from audit_position");
    return Number(found[0]?.stream_sequence ?? 0);
  } finally {
    await database.end();
  }
}

async function rows<Kind>(database: Client, table: string): Promise<KeptRecord<Kind>[]> {
  const { rows: found } = await database.query<Row<Kind>>(`select record, stream_sequence from ${table}`);
  return found.map(({ record, stream_sequence }) => ({
    record,
    streamSequence: stream_sequence === null ? undefined : Number(stream_sequence),
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
