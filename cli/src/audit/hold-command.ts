import type { AuditHold, AuditHoldList } from "@vivified/contracts";
import type { CoreOptions } from "../core/core-options.ts";
import { openCore } from "../core/open-core.ts";
import { timeOf } from "../core/time-of.ts";
import { harmless, harmlessJson } from "../terminal/harmless.ts";

export type HoldOptions = CoreOptions & { readonly json?: boolean };
export type PlaceOptions = HoldOptions & {
  readonly reason: string;
  readonly since?: string;
  readonly until?: string;
  readonly caller?: string;
  readonly target?: string;
};

const path = "/admin/audit/holds";

/** `vivified audit hold place` @throws AdminApiError when core refuses */
export async function placeHold(options: PlaceOptions): Promise<number> {
  const { reason, since, until, caller, target } = options;
  const times = { ...(since && { since: timeOf(since) }), ...(until && { until: timeOf(until) }) };
  const body = { reason, ...times, ...(caller && { caller }), ...(target && { target }) };
  await using core = await openCore(options);
  return say(await core.call<AuditHold>("POST", path, body), options);
}

/** `vivified audit hold list` */
export async function listHolds(options: HoldOptions): Promise<number> {
  await using core = await openCore(options);
  const list = await core.call<AuditHoldList>("GET", path);
  if (options.json) console.log(harmlessJson(list));
  else console.log(harmless(list.holds).map(line).join("\n") || "no legal holds");
  return 0;
}

/** `vivified audit hold lift` @throws AdminApiError when core refuses: the same person cannot agree with themselves */
export async function liftHold(id: string, options: HoldOptions): Promise<number> {
  await using core = await openCore(options);
  return say(await core.call<AuditHold>("DELETE", `${path}/${encodeURIComponent(id)}`), options);
}

function say(hold: AuditHold, { json }: HoldOptions): number {
  console.log(json ? harmlessJson(hold) : line(harmless(hold)));
  return 0;
}

/** One hold on one line. */
function line({ id, state, reason, since, until, caller, target, lift_requested_by }: AuditHold): string {
  const scope = Object.entries({ since, until, caller, target }).flatMap(([name, value]) =>
    value ? [`${name} ${value}`] : [],
  );
  const waits = state === "lifting" ? ` (asked for by ${lift_requested_by}; waits for a second person)` : "";
  return `${id}  ${state}${waits}  ${scope.join(", ") || "everything"}  ${reason}`;
}
