import { randomBytes } from "node:crypto";
import { type Platform, until } from "@vivified/cli";
import type { DecisionQuery, DecisionRow, User } from "@vivified/contracts";

const timeoutMs = 30_000;

/** The newest decision like this, waited for: records reach the log a moment after they are durable. */
export function decision(
  platform: Platform,
  query: DecisionQuery,
  like: Partial<DecisionRow> = {},
): Promise<DecisionRow> {
  const what = `no decision ${JSON.stringify({ ...query, ...like })} came into the log`;
  return until(what, async () => (await decisions(platform, query)).find((row) => fits(row, like)), { timeoutMs });
}

/** The same, once what it permitted was done. */
export function done(platform: Platform, query: DecisionQuery, like: Partial<DecisionRow> = {}): Promise<DecisionRow> {
  const what = `nothing like ${JSON.stringify({ ...query, ...like })} was done`;
  const isDone = (row: DecisionRow) => fits(row, like) && row.outcome?.outcome === "done";
  return until(what, async () => (await decisions(platform, query)).find(isDone), { timeoutMs });
}

/** One page of the log, newest first. */
export async function decisions(platform: Platform, query: DecisionQuery = {}): Promise<DecisionRow[]> {
  return (await platform.api.decisions({ limit: 1000, ...query })).decisions;
}

export function rules(row: DecisionRow): string[] {
  return row.reasons.map(({ rule }) => rule).sort();
}

export type NewUser = { readonly user: User; readonly traceId: string };

/** Creates somebody, and says which trace everything carries that follows. */
export async function createUser(platform: Platform): Promise<NewUser> {
  const username = `grace-${randomBytes(4).toString("hex")}`;
  const person = { username, email: `${username}@demo.example`, full_name: "Grace Hopper", department: "Navy" };
  const user = await platform.api.createUser(person);
  const created = await decision(platform, { action: "create user" }, { resource: `user ${user.id}` });
  return { user, traceId: created.trace_id };
}

function fits(row: DecisionRow, like: Partial<DecisionRow>): boolean {
  return Object.entries(like).every(([key, value]) => row[key as keyof DecisionRow] === value);
}
