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

/** @returns the shapes that wanted decisions may have, in no order; only of `among`, where given */
export async function findShapes(
  db: Db,
  filter: DecisionFilter,
  among?: readonly string[],
): Promise<readonly FoundShape[]> {
  const conditions = [
    ...shapeConditions(filter),
    ...(among === undefined ? [] : [sql<boolean>`id = any(${among}::bigint[])`]),
  ];
  const looksCloser = filter.resource !== undefined || filter.text !== undefined;
  const { rows } = await sql<FoundShape>`
    select id, first_at, last_at, wide and ${looksCloser} as partly from decision_shapes
    where ${conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `)}`.execute(db);
  return rows;
}

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
