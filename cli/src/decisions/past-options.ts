import { type Command, Option } from "commander";
import { timeOf } from "../core/time-of.ts";
import { addFilterOptions, type FilterOptions, filterQuery } from "./filter-options.ts";

/** What a search and an export can be narrowed to: what a tail can, and what became of a decision and when it was made. */
export type PastOptions = FilterOptions & {
  readonly since?: string;
  readonly until?: string;
  readonly outcome?: string;
};

/** Adds the filters that a search and an export have in common. */
export function addPastOptions(command: Command): Command {
  return addFilterOptions(command)
    .option("--since <time>", "from a time on, or from how long ago: 30m, 24h, 7d")
    .option("--until <time>", "and before a time")
    .addOption(
      new Option("--outcome <outcome>", "what became of a permit; none: nothing was told of it").choices([
        ...["done", "failed", "withheld", "unknown", "none"],
      ]),
    );
}

/** As core's query has them; what was not asked for is left out. @throws Error for a time that is none */
export function pastQuery(options: PastOptions): URLSearchParams {
  const { since, until, outcome } = options;
  const query = filterQuery(options);
  if (since !== undefined) query.set("since", timeOf(since));
  if (until !== undefined) query.set("until", timeOf(until));
  if (outcome !== undefined) query.set("outcome", outcome);
  return query;
}
