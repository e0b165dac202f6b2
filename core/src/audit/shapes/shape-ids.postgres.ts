import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import { type DecisionShape, shapeDigest, widened } from "./decision-shape.ts";

/** Beyond so many, decisions share wide shapes: what differs in every record must not make the search slow for all. */
export const mostShapes = 500_000;

const rowsPerStatement = 500;

/** Shapes to be known by id, with the time of the decision that has it. */
export type ShapedAt = { readonly shape: DecisionShape; readonly at: Date };

/**
 * The ids of shapes in the order given; new ones are added, and when they were seen is noted by the hour. Whoever asks
 * holds the audit position's lock, so that nobody adds the same ones meanwhile.
 */
export async function shapeIds(db: Db, wanted: readonly ShapedAt[], most = mostShapes): Promise<readonly string[]> {
  const narrow = wanted.map(digested);
  const known = await idsOf(db, narrow);
  const full = narrow.some((one) => !known.has(one.digest)) && (await isFull(db, most));
  const chosen = full ? narrow.map((one) => (known.has(one.digest) ? one : widest(one))) : narrow;
  const ids = full ? await idsOf(db, chosen) : known;
  const unknown = chosen.filter((one) => !ids.has(one.digest));
  const added = await addedIds(db, unknown);
  return chosen.map((one) => ids.get(one.digest) ?? added.get(one.digest) ?? "");
}

type Digested = ShapedAt & { readonly digest: string };
const digested = ({ shape, at }: ShapedAt): Digested => ({ shape, at, digest: shapeDigest(shape) });

const widest = ({ shape, at }: ShapedAt): Digested => digested({ shape: widened(shape), at });

/** Ids are never lower than rows are many, so that rows need to be counted only where the ids say that it may be full. */
async function isFull(db: Db, most: number): Promise<boolean> {
  const { rows } = await sql<{ full: boolean }>`
    select case when coalesce((select max(id) from decision_shapes), 0) < ${most}::bigint then false
      else (select count(*) from (select 1 from decision_shapes limit ${most}::bigint) as counted) >= ${most}::bigint
      end as full`.execute(db);
  return rows[0]?.full ?? false;
}

/** Ids of those that are known, by digest. */
async function idsOf(db: Db, wanted: readonly Digested[]): Promise<Map<string, string>> {
  if (wanted.length === 0) return new Map();
  const spans = spansOf(wanted);
  const digests = [...spans.keys()];
  const { rows } = await sql<{ id: string; digest: string; first_at: Date; last_at: Date }>`
    select id, digest, first_at, last_at from decision_shapes where digest = any(${digests}::text[])`.execute(db);
  const stretched = rows.filter(({ digest, first_at, last_at }) => {
    const span = spans.get(digest);
    return span !== undefined && (span.first < first_at || span.last > last_at);
  });
  for (const { id, digest } of stretched) await stretch(db, id, spans.get(digest));
  return new Map(rows.map((row) => [row.digest, row.id]));
}

type Span = { readonly first: Date; readonly last: Date };

const hour = 60 * 60 * 1000;
const hourOf = (time: Date, hours = 0): Date => new Date((Math.floor(time.getTime() / hour) + hours) * hour);

/** Whole hours, so that a shape in use is written once an hour. */
function spansOf(wanted: readonly Digested[]): Map<string, Span> {
  const spans = new Map<string, Span>();
  for (const { digest, at } of wanted) {
    const { first, last } = spans.get(digest) ?? { first: hourOf(at), last: hourOf(at, 1) };
    spans.set(digest, {
      first: first < at ? first : hourOf(at),
      last: last > at ? last : hourOf(at, 1),
    });
  }
  return spans;
}

/** Adds shapes that are not there, each once. An id is taken for every row that is tried, so known ones are not. */
async function addedIds(db: Db, unknown: readonly Digested[]): Promise<Map<string, string>> {
  const spans = spansOf(unknown);
  const rows = [...new Map(unknown.map((one) => [one.digest, one])).values()].map(({ digest, shape, at }) => ({
    ...shape,
    rules: [...shape.rules],
    digest,
    words: sql<string>`to_tsvector('english', ${shape.words})`,
    first_at: spans.get(digest)?.first ?? hourOf(at),
    last_at: spans.get(digest)?.last ?? hourOf(at, 1),
  }));
  const ids = new Map<string, string>();
  for (let from = 0; from < rows.length; from += rowsPerStatement) {
    const some = rows.slice(from, from + rowsPerStatement);
    const added = await db.insertInto("decision_shapes").values(some).returning(["digest", "id"]).execute();
    for (const { digest, id } of added) ids.set(digest, id);
  }
  return ids;
}

async function stretch(db: Db, id: string, span: Span | undefined): Promise<void> {
  if (span === undefined) return;
  await sql`update decision_shapes set first_at = least(first_at, ${span.first}), last_at = greatest(last_at, ${span.last})
    where id = ${id}`.execute(db);
}
