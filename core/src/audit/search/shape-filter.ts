import { type RawBuilder, sql } from "kysely";
import type { Db } from "../../database/open-database.ts";
import type { DecisionFilter } from "../decision-store.ts";
import { wordsOf } from "../shapes/decision-shape.ts";

type Condition = RawBuilder<boolean>;

/** A shape that some of the wanted decisions have, and when it was in use. */
export type FoundShape = {
  readonly id: string;
  readonly first_at: Date;
  readonly last_at: Date;
  /** Not all of its decisions need be wanted: each has to be looked at. */
  readonly partly: boolean;
};

/** What a filter says beside time and trace; none for a filter that says nothing. */
export function shapeConditions(filter: DecisionFilter): readonly Condition[] {
  const { rule, resource, text, would_deny: wouldDeny } = filter;
  const plain = (["lane", "caller", "target", "action", "effect", "revision", "outcome"] as const).flatMap((column) =>
    filter[column] === undefined ? [] : [sql<boolean>`${sql.ref(column)} = ${filter[column]}`],
  );
  return [
    ...plain,
    ...(rule === undefined ? [] : [sql<boolean>`rules @> array[${rule}]::text[]`]),
    ...(wouldDeny === undefined ? [] : [sql<boolean>`would_deny = ${wouldDeny}`]),
    ...(resource === undefined ? [] : [sql<boolean>`(resource = ${resource} or wide)`]),
    ...(text === undefined ? [] : [sql<boolean>`(words @@ ${wordQuery(text)} or wide)`]),
  ];
}

/** Which shapes are asked about: these alone, or those in use at some time in a span (milliseconds since 1970). */
export type ShapesAmong = { readonly ids: readonly string[] } | { readonly since: number; readonly until: number };

/** @returns the shapes that wanted decisions may have, in no order */
export async function findShapes(db: Db, filter: DecisionFilter, among: ShapesAmong): Promise<readonly FoundShape[]> {
  const { rows } = await sql<FoundShape>`
    select id, first_at, last_at, wide and ${looksCloser(filter)} as partly from decision_shapes
    where ${sql.join([amongThem(among), ...shapeConditions(filter)], sql` and `)}`.execute(db);
  return rows;
}

function amongThem(among: ShapesAmong): Condition {
  return "ids" in among ? sql<boolean>`id = any(${among.ids}::bigint[])` : usedWithin(among);
}

/** Shapes that were in use at some time in a span, its ends included; none when it ends before it begins. */
export function usedWithin({ since, until }: { readonly since: number; readonly until: number }): Condition {
  if (since > until) return sql<boolean>`false`;
  return sql<boolean>`tstzrange(first_at, last_at, '[]') && tstzrange(${moment(since)}, ${moment(until)}, '[]')`;
}

/** When a decision that a filter may want was there last, to the hour; `undefined` when there was none. */
export async function newestUse(db: Db, filter: DecisionFilter): Promise<number | undefined> {
  const { rows } = await sql<{ newest: Date | null }>`
    select max(${hasFewShapes(filter) ? sql`last_at + interval '0'` : sql`last_at`}) as newest from decision_shapes
    where ${sql.join(shapeConditions(filter), sql` and `)}`.execute(db);
  return rows[0]?.newest?.getTime();
}

/**
 * Shapes of one name are looked up by it, and their newest taken. Those that fit anything else are looked for from the
 * newest shape backwards: the planner would do so always, and pass all shapes by for a name that is not there.
 */
const hasFewShapes = ({ caller, target, resource, rule, revision }: DecisionFilter): boolean =>
  [caller, target, resource, rule, revision].some((name) => name !== undefined);

/** Whether a row's shape fits, or is none, or fits in part and the row itself the rest. */
export function fitsBySelf(filter: DecisionFilter): Condition {
  const fits = (more: Condition) => sql<boolean>`exists (
    select 1 from decision_shapes as shape
    where shape.id = shape_id and ${sql.join([more, ...shapeConditions(filter)], sql` and `)})`;
  const closer = looksCloser(filter);
  return sql<boolean>`${fits(sql<boolean>`not (wide and ${closer})`)} or
    ((shape_id is null or ${fits(sql<boolean>`wide and ${closer}`)}) and ${sql.join([sql`true`, ...rowConditions(filter)], sql` and `)})`;
}

const looksCloser = ({ resource, text }: DecisionFilter): boolean => resource !== undefined || text !== undefined;

/** A moment that PostgreSQL understands, also where there is no bound. */
export const moment = (ms: number) =>
  sql<Date>`${Number.isFinite(ms) ? new Date(ms) : ms > 0 ? "infinity" : "-infinity"}::timestamptz`;

/** What a row without a shape, or with one that only partly fits, has to fulfil itself. */
export function rowConditions(filter: DecisionFilter): readonly Condition[] {
  const { rule, text, revision, would_deny: wouldDeny, outcome } = filter;
  const plain = (["lane", "caller", "target", "action", "effect", "resource"] as const).flatMap((column) =>
    filter[column] === undefined ? [] : [sql<boolean>`${sql.ref(column)} = ${filter[column]}`],
  );
  const hasWouldDeny = sql<boolean>`(position('"would_deny":[{' in record::text) > 0)`;
  return [
    ...plain,
    ...(rule === undefined ? [] : [sql<boolean>`rules @> array[${rule}]::text[]`]),
    ...(revision === undefined
      ? []
      : [sql<boolean>`position(${`"revision":${JSON.stringify(revision)}`} in record::text) > 0`]),
    ...(wouldDeny === undefined ? [] : [sql<boolean>`${hasWouldDeny} = ${wouldDeny}`]),
    ...(text === undefined ? [] : [sql<boolean>`to_tsvector('english', ${reasonsOfRow}) @@ ${wordQuery(text)}`]),
    ...(outcome === undefined ? [] : [sql<boolean>`shape_id is not null`]),
  ];
}

const wordQuery = (text: string) => sql`websearch_to_tsquery('english', ${wordsOf(text)})`;

/** Whole records are text as they came: reading them as text cannot fail, whatever is in them. */
const reasonsOfRow = sql`translate(
  concat(substring(record::text from '"reasons":\\[.*?\\]'), substring(record::text from '"would_deny":\\[.*?\\]')),
  '._/:', '    ')`;
