import { sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import { type DecisionShape, shapeDigest, widened } from "./decision-shape.ts";

/** Beyond so many, decisions share wide shapes: what differs in every record must not make the search slow for all. */
export const mostShapes = 500_000;

const rowsPerStatement = 500;

/** Shapes to be known by id, with the time of the decision that has it. */
export type ShapedAt = { readonly shape: DecisionShape; readonly at: Date };

/** The ids of shapes in the order given; new ones are added, and when they were seen is noted by the hour. */
export async function shapeIds(db: Db, wanted: readonly ShapedAt[], most = mostShapes): Promise<readonly string[]> {
  if (wanted.length === 0) return [];
  const known = await idsOf(db, wanted, []);
  const unknown = wanted.filter((one) => !known.has(shapeDigest(one.shape)));
  if (unknown.length === 0) return wanted.map((one) => known.get(shapeDigest(one.shape)) ?? "");
  const full = (await shapeCount(db)) >= most;
  const chosen = wanted.map((one) =>
    full && !known.has(shapeDigest(one.shape)) ? { ...one, shape: widened(one.shape) } : one,
  );
  const all = await idsOf(db, chosen, chosen);
  return chosen.map((one) => all.get(shapeDigest(one.shape)) ?? "");
}

async function shapeCount(db: Db): Promise<number> {
  const row = await db
    .selectFrom("decision_shapes")
    .select((eb) => eb.fn.max("id").as("most"))
    .executeTakeFirst();
  return Number(row?.most ?? 0);
}

/** Ids by digest, after adding `added`. */
async function idsOf(db: Db, wanted: readonly ShapedAt[], added: readonly ShapedAt[]): Promise<Map<string, string>> {
  const spans = spansOf(wanted);
  await add(db, added, spans);
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
function spansOf(wanted: readonly ShapedAt[]): Map<string, Span> {
  const spans = new Map<string, Span>();
  for (const { shape, at } of wanted) {
    const digest = shapeDigest(shape);
    const { first, last } = spans.get(digest) ?? { first: hourOf(at), last: hourOf(at, 1) };
    spans.set(digest, {
      first: first < at ? first : hourOf(at),
      last: last > at ? last : hourOf(at, 1),
    });
  }
  return spans;
}

async function add(db: Db, added: readonly ShapedAt[], spans: ReadonlyMap<string, Span>): Promise<void> {
  const shapes = new Map(added.map(({ shape, at }) => [shapeDigest(shape), { shape, at }]));
  const rows = [...shapes].map(([digest, { shape, at }]) => ({
    ...shape,
    rules: [...shape.rules],
    digest,
    words: sql<string>`to_tsvector('english', ${shape.words})`,
    first_at: spans.get(digest)?.first ?? hourOf(at),
    last_at: spans.get(digest)?.last ?? hourOf(at, 1),
  }));
  for (let from = 0; from < rows.length; from += rowsPerStatement)
    await db
      .insertInto("decision_shapes")
      .values(rows.slice(from, from + rowsPerStatement))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
}

async function stretch(db: Db, id: string, span: Span | undefined): Promise<void> {
  if (span === undefined) return;
  await sql`update decision_shapes set first_at = least(first_at, ${span.first}), last_at = greatest(last_at, ${span.last})
    where id = ${id}`.execute(db);
}
