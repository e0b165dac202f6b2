import { styleText } from "node:util";
import { type DecisionRow, tailHeartbeatMs } from "@vivified/contracts";
import type { CoreOptions } from "../../core/core-options.ts";
import { openCore } from "../../core/open-core.ts";
import { timeOf } from "../../core/time-of.ts";
import type { AdminApi } from "../../platform/admin-api.ts";
import { harmlessText } from "../../terminal/harmless.ts";
import { decisionText } from "../decision-text.ts";
import { type FilterOptions, filterQuery } from "../filter-options.ts";
import { followDecisions } from "./follow-decisions.ts";
import { type Outage, outage } from "./outage.ts";
import { mostPast, pastDecisions } from "./past-decisions.ts";
import { withPast } from "./with-past.ts";

export type TailOptions = CoreOptions & FilterOptions & { readonly since?: string; readonly json?: boolean };

/** Core speaks each heartbeat; silent for longer than this, it or the line is dead. */
const silenceMs = 3 * tailHeartbeatMs;

/** `vivified decisions tail`: prints decisions as they come, until a signal. @throws AdminApiError when core refuses */
export async function tailCommand(options: TailOptions): Promise<never> {
  const since = options.since === undefined ? undefined : timeOf(options.since);
  const core = await openCore(options);
  const filter = filterQuery(options);
  const breaks = outage(tell);
  const open = (after: number | undefined) => openTail(core, filter, after);
  const past = async () => (since === undefined ? [] : pastOf({ core, filter, since, breaks }));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(0));
  for await (const row of withPast(followDecisions({ open, outage: breaks, tell }), past))
    console.log(decisionText(row, options));
  throw new Error("a tail ends only with an error or a signal");
}

function openTail(core: AdminApi, filter: URLSearchParams, after: number | undefined) {
  const headers = { accept: "text/event-stream", ...(after !== undefined && { "last-event-id": String(after) }) };
  return core.stream(`/admin/decisions/tail?${filter}`, { headers, silenceMs });
}

type Wanted = {
  readonly core: AdminApi;
  readonly filter: URLSearchParams;
  readonly since: string;
  readonly breaks: Outage;
};

/** Asks until core answers. */
async function pastOf({ core, filter, since, breaks }: Wanted): Promise<readonly DecisionRow[]> {
  for (;;) {
    try {
      const { rows, cut } = await pastDecisions(core, filter, since);
      if (cut) tell(`more than ${mostPast} decisions since then: only the latest are shown`);
      return rows;
    } catch (error) {
      await breaks.failed(error);
    }
  }
}

/** Beside the decisions, for people: standard output holds decisions only. */
function tell(line: string): void {
  const said = styleText("yellow", `! ${harmlessText(line)}`, { stream: process.stderr });
  process.stderr.write(`${said}\n`);
}
