import type { DecisionPage, DecisionRow } from "@vivified/contracts";
import type { AdminApi } from "../../platform/admin-api.ts";

/** The latest decisions since a time, oldest first, and whether there were too many to give all. */
export type Past = { readonly rows: readonly DecisionRow[]; readonly cut: boolean };

/** They are held in memory: core gives the newest first. */
export const mostPast = 10_000;
const onePage = 1_000;

/** @throws AdminApiError when core refuses */
export async function pastDecisions(core: AdminApi, filter: URLSearchParams, since: string): Promise<Past> {
  const query = new URLSearchParams([...filter, ["since", since], ["limit", String(onePage)]]);
  const rows: DecisionRow[] = [];
  for (;;) {
    const { decisions, next } = await core.call<DecisionPage>("GET", `/admin/decisions?${query}`);
    rows.push(...decisions);
    if (next === undefined || decisions.length === 0 || rows.length >= mostPast)
      return { rows: rows.reverse(), cut: next !== undefined };
    query.set("before", next);
  }
}
