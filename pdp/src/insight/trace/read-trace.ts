import type { JsonValue } from "@vivified/contracts";
import { type Place, type TraceEvent, valueOfTerm } from "./trace-event.ts";

/** How one rule with an id went: what it said each time it fired, and where it came furthest when it did not. */
export type TracedRule = Place & {
  readonly id: string;
  readonly said: readonly JsonValue[];
  readonly failure?: TracedFailure;
};

/** The step that was not true, and how often. `passed` are the places of the steps before it. */
export type TracedFailure = { readonly event: TraceEvent; readonly passed: readonly Place[]; readonly tries: number };

type Query = { readonly enter: TraceEvent; readonly id: string; readonly events: TraceEvent[] };

/** Finds the rules with an id in a trace, each once however often it was tried, in the order of the trace. */
export function readTrace(events: readonly TraceEvent[]): readonly TracedRule[] {
  const queries = new Map<number, Query>();
  for (const event of events) {
    const id = event.Op === "Enter" ? ruleId(event) : undefined;
    if (id !== undefined) queries.set(event.QueryID, { enter: event, id, events: [] });
    else queries.get(event.QueryID)?.events.push(event);
  }
  const byPlace = Map.groupBy(queries.values(), ({ enter }) => JSON.stringify(enter.Location));
  return [...byPlace.values()].map(ruleOf);
}

const ruleId = ({ Node }: TraceEvent): string | undefined =>
  Node.head && Node.annotations?.find(({ custom }) => custom?.id !== undefined)?.custom?.id;

function ruleOf(queries: readonly Query[]): TracedRule {
  const [{ enter, id } = { enter: undefined, id: "" }] = queries;
  const said = queries.flatMap((query) =>
    query.events.filter(({ Op }) => Op === "Exit").flatMap((exit) => told(query, exit)),
  );
  const failures = queries.flatMap(failuresOf).sort((a, b) => b.passed.length - a.passed.length);
  const [failure] = said.length > 0 ? [] : failures;
  const { file = "", row = 0, col = 0 } = enter?.Location ?? {};
  return { id, file, row, col, said, ...(failure && { failure }) };
}

function told({ enter }: Query, { Locals }: TraceEvent): JsonValue[] {
  const key = enter.Node.head?.key;
  return [(key && valueOfTerm(key, Locals)) ?? true];
}

function failuresOf({ events }: Query): TracedFailure[] {
  return events.flatMap((event, at) => {
    if (event.Op !== "Fail") return [];
    const index = event.Node.index ?? 0;
    const before = events.slice(0, at).filter(({ Op, Node }) => Op === "Eval" && (Node.index ?? 0) < index);
    const places = new Map(before.map(({ Node, Location }) => [Node.index, Location]));
    const tries = events.filter(({ Op, Node }) => Op === "Fail" && Node.index === event.Node.index).length;
    return [{ event, tries, passed: [...places.values()].flatMap((place) => (place === null ? [] : [place])) }];
  });
}
