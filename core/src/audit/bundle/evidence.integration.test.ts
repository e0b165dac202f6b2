import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type MigratedDatabase, migratedDatabase } from "../../database/migrated-database.fixtures.ts";
import { logRecords } from "../log-records.postgres.ts";
import { bundleLines } from "./bundle-lines.ts";
import { bundleRange } from "./bundle-range.ts";
import { requireTold } from "./require-told.postgres.ts";

/** More than one page, of everything that is told behind a stretch. */
const many = 12_000;
const stack = new AsyncDisposableStack();
let database: MigratedDatabase;

beforeAll(async () => {
  database = stack.use(await migratedDatabase());
  await sql`update audit_position set log_size = ${many * 10}`.execute(database.db);
});
afterAll(() => stack.disposeAsync());

const places = (from: number) => Array.from({ length: many }, (_, at) => from + at);

/** Retention records at so many places from one on, that name the first ten places of the log. */
const retentionsFrom = (place: number) =>
  sql`insert into decisions (occurred_at, decision_id, tenant_id, lane, entrypoint, caller, action, resource, effect,
      rules, trace_id, log_index, record)
    select now(), 'retention-' || n, 'default', 'core', 'recorded', 'core', 'delete audit records', 'audit', 'allow',
      '{audit.retention_applied}', 't', n, json_build_object('decision_id', 'retention-' || n, 'labels',
        json_build_object('first_log_index', '0', 'last_log_index', '9'))
    from generate_series(${place}::bigint, ${place + many - 1}::bigint) as n`.execute(database.db);

/** Core's word, in the log or on its way, that places were deleted. */
const deletion = (place: number | null, { first, last }: { readonly first: number; readonly last: number }) =>
  sql`insert into decisions (occurred_at, decision_id, tenant_id, lane, entrypoint, caller, action, resource, effect,
      rules, trace_id, log_index, record)
    values (now(), 'untold', 'default', 'core', 'recorded', 'core', 'delete audit records', 'audit', 'allow',
      '{audit.retention_applied}', 't', ${place}, json_build_object('labels',
        json_build_object('first_log_index', ${String(first)}::text, 'last_log_index', ${String(last)}::text)))`.execute(
    database.db,
  );

/** Decisions of one day at so many places from one on, and their outcomes at places from another on. */
const toldOnce = async (day: string, decided: number, told: number) => {
  const series = sql`generate_series(0, ${many - 1}::int) as n`;
  await sql`insert into decisions (occurred_at, decision_id, tenant_id, lane, entrypoint, caller, action, resource,
      effect, rules, trace_id, log_index, record)
    select ${day}::timestamptz, ${day} || n, 'default', 'rpc', 'rpc/invoke', 'c', 'a', 'r', 'allow', '{}', 't',
      ${decided}::bigint + n, '{}' from ${series}`.execute(database.db);
  await sql`insert into decision_outcomes (decided_at, decision_id, occurred_at, record, stream_sequence, log_index)
    select ${day}::timestamptz, ${day} || n, now(), '{}', 1, ${told}::bigint + n from ${series}`.execute(database.db);
  await sql`analyze decisions, decision_outcomes`.execute(database.db);
};

describe("what is told behind a stretch", () => {
  it("is all exported, however many records name its places as deleted", async () => {
    await retentionsFrom(many * 8);
    const range = await bundleRange({ to: 10 }, many * 10, database.db);
    expect(range).toEqual({ from: 0, to: 10, evidence: places(many * 8) });
    const lines: string[] = [];
    for await (const chunk of bundleLines(range, logRecords(database.db))) lines.push(...`${chunk}`.trim().split("\n"));
    expect(lines.map((line) => JSON.parse(line).index)).toEqual(range.evidence);
  });

  it("is all exported, however many outcomes stand behind it", async () => {
    await toldOnce("2026-03-03", many * 2, many * 4);
    const range = await bundleRange(
      { since: "2026-03-03T00:00:00Z", until: "2026-03-05T00:00:00Z" },
      many * 10,
      database.db,
    );
    expect(range).toEqual({ from: many * 2, to: many * 3, evidence: places(many * 4) });
  });
});

describe("an export of what was just deleted", () => {
  const size = 5_000;
  const ofStretch = (from: number, to: number, evidence: readonly number[] = []) =>
    requireTold({ from, to, evidence }, size, database.db);

  it.each([
    ["has no place yet", null],
    ["stands behind the checkpoint", size],
  ])("is refused while the record that says so %s", async (_, place) => {
    await sql`delete from decisions`.execute(database.db);
    await ofStretch(0, 10);
    await deletion(place, { first: 1_000, last: 1_009 });
    await expect(ofStretch(0, size)).rejects.toMatchObject({ code: "audit_behind" });
    await expect(ofStretch(1_009, 1_010)).rejects.toMatchObject({ code: "audit_behind" });
    await expect(ofStretch(0, 10, [1_005])).rejects.toMatchObject({ code: "audit_behind" });
    await ofStretch(0, 10);
    await ofStretch(3_000, size);
    await sql`update decisions set log_index = ${size - 1}`.execute(database.db);
    await ofStretch(0, size);
  });
});
