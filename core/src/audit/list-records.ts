import type { DecisionRecord, RecordPage, RecordQuery } from "@vivified/contracts";
import { formatCursor, parseCursor } from "./decision-cursor.ts";
import type { DecisionStore } from "./decision-store.ts";

const defaultLimit = 1000;

/**
 * One page of whole records, oldest first: the whole log, page by page, is what a replay judges again.
 *
 * @throws VivifiedError `invalid` 422 for a cursor that is none
 */
export async function listRecords(query: RecordQuery, decisions: Pick<DecisionStore, "records">): Promise<RecordPage> {
  const { after, limit = defaultLimit, ...filter } = query;
  const cursor = after === undefined ? undefined : parseCursor(after, "after");
  const found = await decisions.records(filter, limit + 1, cursor);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return { records: page.map(plain), ...(found.length > limit && last && { next: formatCursor(last) }) };
}

const plain = (record: DecisionRecord): Record<string, unknown> => ({ ...record });
