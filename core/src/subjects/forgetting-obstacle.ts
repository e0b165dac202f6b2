import type { Reason } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import type { Change } from "../audit/index.ts";
import type { Stores } from "../stores.ts";
import type { ForgottenKey } from "./subject-store.ts";

/** What stands in the way of destroying a key: a hold, or that it is not known whether one does. */
export type Obstacle = { readonly code: "legal_hold"; readonly hold: string } | { readonly code: "audit_behind" };

const forgotten: Reason = { rule: "audit.subject_forgotten", message: "A data subject's key is destroyed", fix: "" };
const reasons: Readonly<Record<Obstacle["code"], Reason>> = {
  legal_hold: {
    rule: "audit.forgetting_held",
    message: "A legal hold keeps what records keep of a data subject",
    fix: "ask again once the hold is lifted",
  },
  audit_behind: {
    rule: "audit.forgetting_waits",
    message: "There is a legal hold, and records that it might cover are not in the database yet",
    fix: "ask again in a moment; when it stays so, look at the alert ingest_late",
  },
};

/**
 * Whether a legal hold keeps what was sealed with a key. `seen`: whether all of that is in the database. Nobody places a
 * hold from here to the end of the transaction; one that is placed later finds the key gone. A key that was to be destroyed
 * before is destroyed, whatever holds there are by now.
 */
export async function obstacleTo(
  sealed: ForgottenKey,
  seen: boolean,
  { holds, subjects }: Pick<Stores, "holds" | "subjects">,
): Promise<Obstacle | undefined> {
  if (await subjects.isForgotten(sealed)) return undefined;
  await holds.lock();
  if (!(await holds.any())) return undefined;
  const hold = await holds.overKept(sealed);
  if (hold !== undefined) return { code: "legal_hold", hold };
  return seen ? undefined : { code: "audit_behind" };
}

/** How it is told in the decision log. */
export function toldOf(
  obstacle: Obstacle | undefined,
  destroyed: boolean,
): Pick<Change, "entrypoint" | "target" | "reason" | "labels"> {
  if (obstacle === undefined) return { reason: forgotten, labels: { destroyed: String(destroyed) } };
  const refused = { entrypoint: "refused", reason: reasons[obstacle.code] } as const;
  return obstacle.code === "legal_hold" ? { ...refused, target: obstacle.hold } : refused;
}

/** How it is told to who asked. */
export function refusalFor(obstacle: Obstacle): VivifiedError {
  const reason = reasons[obstacle.code];
  const detail = obstacle.code === "legal_hold" ? `hold ${obstacle.hold}` : `${reason.message}: ${reason.fix}`;
  return new VivifiedError(obstacle.code, { detail, extra: { reasons: [reason] } });
}
