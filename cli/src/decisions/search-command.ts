import type { DecisionPage, DecisionRow } from "@vivified/contracts";
import type { CoreOptions } from "../core/core-options.ts";
import { openCore } from "../core/open-core.ts";
import type { AdminApi } from "../platform/admin-api.ts";
import { decisionText } from "./decision-text.ts";
import { type PastOptions, pastQuery } from "./past-options.ts";

export type SearchOptions = CoreOptions & PastOptions & { readonly limit: number; readonly json?: boolean };

const mostOnAPage = 1_000;

/** `vivified decisions search`: prints page by page, newest first. @throws AdminApiError when core refuses */
export async function searchCommand(options: SearchOptions): Promise<number> {
  const query = pastQuery(options);
  await using core = await openCore(options);
  for await (const row of found(core, query, options.limit)) console.log(decisionText(row, options));
  return 0;
}

/** What a search finds, up to so many, however many pages that takes. An empty page is the last one, whatever it says. */
async function* found(core: AdminApi, query: URLSearchParams, limit: number): AsyncGenerator<DecisionRow> {
  for (let left = limit; left > 0; ) {
    query.set("limit", String(Math.min(left, mostOnAPage)));
    const { decisions, next } = await core.call<DecisionPage>("GET", `/admin/decisions?${query}`);
    yield* decisions.slice(0, left);
    if (next === undefined || decisions.length === 0) return;
    query.set("before", next);
    left -= decisions.length;
  }
}
