import { type Static, Type } from "typebox";
import { DecisionQuery } from "./core-api.ts";

const closed = { additionalProperties: false } as const;
const { before: _before, limit: _limit, trace_id: _trace, ...filters } = DecisionQuery.properties;

/**
 * `GET /admin/decisions/facets`: how many decisions a search would find, by what they have in common. Counts are kept by the
 * hour: `since` and `until` are taken to whole hours, as the answer says.
 */
export const FacetQuery = Type.Object(filters, closed);
export type FacetQuery = Static<typeof FacetQuery>;

export const facetNames = ["lane", "effect", "caller", "target", "action", "rule", "revision", "outcome"] as const;
export type FacetName = (typeof facetNames)[number];
const FacetValues = Type.Array(Type.Object({ value: Type.String(), count: Type.Integer() }));

/** The span that was counted, which may begin later than asked when there is too much to count, and whether counts may say more or less than a search would find. */
const counted = {
  since: Type.Optional(Type.String({ format: "date-time" })),
  until: Type.Optional(Type.String({ format: "date-time" })),
  /** The span is not the one that was asked for, or some decisions could be counted only by what they share. */
  estimated: Type.Boolean(),
};

/** The most frequent values of each, at most twenty. */
export const FacetReply = Type.Object({
  ...counted,
  total: Type.Integer(),
  facets: Type.Object(Object.fromEntries(facetNames.map((name) => [name, FacetValues]))),
});
export type FacetReply = Omit<Static<typeof FacetReply>, "facets"> & {
  readonly facets: { readonly [name in FacetName]: Static<typeof FacetValues> };
};

/** `GET /admin/decisions/histogram`: how many decisions of each effect, in so many spans of whole hours. */
export const HistogramQuery = Type.Object(
  { ...filters, buckets: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })) },
  closed,
);
export type HistogramQuery = Static<typeof HistogramQuery>;
export const HistogramReply = Type.Object({
  ...counted,
  /** hours of one bucket */
  hours: Type.Integer(),
  /** Oldest first; those without decisions are left out. */
  buckets: Type.Array(
    Type.Object({
      since: Type.String({ format: "date-time" }),
      allow: Type.Integer(),
      sanitize: Type.Integer(),
      deny: Type.Integer(),
    }),
  ),
});
export type HistogramReply = Static<typeof HistogramReply>;

const { since: _since, until: _until, outcome: _outcome, ...live } = filters;

/**
 * `GET /admin/decisions/tail`: decisions as they are taken in, as server-sent events whose id is the place in the log.
 * What becomes of them is told later, and not here.
 */
export const TailQuery = Type.Object({ ...live, trace_id: DecisionQuery.properties.trace_id }, closed);
export type TailQuery = Static<typeof TailQuery>;
