import { readFile } from "node:fs/promises";
import type { DecisionQuery, DecisionRow } from "@vivified/contracts";
import { AdminApi } from "../platform/admin-api.ts";
import { homePath } from "../platform/home.ts";
import { firstAdmin } from "../platform/platform.ts";
import { readNumbers } from "../platform/remembered-numbers.ts";
import { decisionTable } from "../terminal/decision-table.ts";
import { readablePeople } from "../terminal/readable-people.ts";

export type DecisionsOptions = {
  readonly home?: string;
  readonly limit: string;
  readonly effect?: string;
  readonly caller?: string;
  readonly trace?: string;
  readonly json?: boolean;
};

/** `vivified decisions`: the latest decisions of the platform that runs in a home, newest last. */
export async function decisions(options: DecisionsOptions): Promise<void> {
  const home = homePath(options.home);
  const { corePublic: port } = await readNumbers(`${home}/ports.json`);
  if (port === undefined) throw new Error(`no platform was ever started in ${home}`);
  const password = (await readFile(`${home}/secrets/first-admin-password`, "utf8")).trim();
  await using api = await AdminApi.open({ username: firstAdmin, password, port, caFile: `${home}/ca.pem` });
  const page = await api.decisions(queryOf(options));
  const rows: DecisionRow[] = page.decisions.toReversed();
  const text = options.json ? JSON.stringify(rows, null, 2) : decisionTable(rows.map(await readablePeople(api)));
  console.log(text);
}

function queryOf({ limit, effect, caller, trace }: DecisionsOptions): DecisionQuery {
  return {
    limit: Number(limit),
    ...(effect !== undefined && { effect: effect as NonNullable<DecisionQuery["effect"]> }),
    ...(caller !== undefined && { caller }),
    ...(trace !== undefined && { trace_id: trace }),
  };
}
