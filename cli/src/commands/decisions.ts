import { readFile } from "node:fs/promises";
import type { DecisionQuery, DecisionRow } from "@vivified/contracts";
import { AdminApi } from "../platform/admin-api.ts";
import { homePath } from "../platform/home.ts";
import { firstAdmin } from "../platform/platform.ts";
import { isListening } from "../platform/process/until-listening.ts";
import { readNumbers } from "../platform/remembered-numbers.ts";
import { decisionTable } from "../terminal/decision-table.ts";
import { endWithReader } from "../terminal/end-with-reader.ts";
import { harmless, harmlessJson } from "../terminal/harmless.ts";
import { readablePeople } from "../terminal/readable-people.ts";

export type DecisionsOptions = {
  readonly home?: string;
  readonly limit: number;
  readonly effect?: "allow" | "sanitize" | "deny";
  readonly caller?: string;
  readonly trace?: string;
  readonly json?: boolean;
};

/** `vivified decisions`: the latest decisions of the platform that runs in a home, newest last. */
export async function decisions(options: DecisionsOptions): Promise<void> {
  endWithReader(0);
  const home = homePath(options.home);
  const { corePublic: port } = await readNumbers(`${home}/ports.json`);
  if (port === undefined) throw new Error(`no platform was ever started in ${home}`);
  if (!(await isListening(port))) throw new Error(`no platform runs in ${home}; start it first (npm start)`);
  const password = (await readFile(`${home}/secrets/first-admin-password`, "utf8")).trim();
  await using api = await AdminApi.open({ username: firstAdmin, password, port, caFile: `${home}/ca.pem` });
  const page = await api.decisions(await queryOf(options, api));
  const rows: DecisionRow[] = page.decisions.toReversed();
  const text = options.json ? harmlessJson(rows, 2) : decisionTable(harmless(rows.map(await readablePeople(api))));
  console.log(text);
}

async function queryOf({ limit, effect, caller, trace }: DecisionsOptions, api: AdminApi): Promise<DecisionQuery> {
  return {
    limit,
    ...(effect !== undefined && { effect }),
    ...(caller !== undefined && { caller }),
    ...(trace !== undefined && { trace_id: await wholeTrace(trace, api) }),
  };
}

/** The table shows the first digits of a trace. */
async function wholeTrace(start: string, api: AdminApi): Promise<string> {
  if (/^[0-9a-f]{32}$/.test(start)) return start;
  const { decisions: latest } = await api.decisions({ limit: 1000 });
  const found = latest.find(({ trace_id }) => trace_id.startsWith(start));
  if (found === undefined) throw new Error(`no trace among the latest ${latest.length} decisions begins with ${start}`);
  return found.trace_id;
}
