import type { AuditHold, PlaceHoldRequest } from "@vivified/contracts";
import { type Clock, VivifiedError } from "@vivified/runtime";
import type { Atomically } from "../database/atomically.ts";
import type { Requester } from "../policy/index.ts";
import type { Stores } from "../stores.ts";
import { holdRecord, secondPerson } from "./hold-record.ts";

type HoldStores = Pick<Stores, "holds" | "decisions">;
export type ChangeHoldsDeps = { readonly atomically: Atomically<HoldStores>; readonly clock: Clock };

/** How long somebody else has to agree that a hold ends; afterwards the asking begins anew. */
const agreeWithinMs = 7 * 24 * 60 * 60 * 1000;

/** Keeps records from deletion: once this resolves, nothing that it covers goes. @throws VivifiedError `malformed` for no time at all */
export function placeHold(asked: PlaceHoldRequest, by: Requester, deps: ChangeHoldsDeps): Promise<AuditHold> {
  const { since, until } = asked;
  if (since !== undefined && until !== undefined && Date.parse(since) >= Date.parse(until)) {
    throw new VivifiedError("malformed", { detail: "a hold's since has to be before its until" });
  }
  return deps.atomically(async ({ holds, decisions }) => {
    await holds.lock();
    const hold = await holds.place(asked, { by: by.caller, at: deps.clock.now() });
    await decisions.append([holdRecord("placed", hold, by)]);
    return hold;
  });
}

/**
 * Asks for the end of a hold, or agrees to it as a second person.
 *
 * @throws VivifiedError `not_found` 404, `conflict` 409 when it is lifted already, `denied` 403 for the same person again
 */
export async function liftHold(id: string, by: Requester, { atomically, clock }: ChangeHoldsDeps): Promise<AuditHold> {
  const lifting = { by: by.caller, at: clock.now() };
  const result = await atomically(async (stores) => {
    await stores.holds.lock();
    const hold = await openHold(id, stores);
    const step = nextStep(hold, lifting);
    const changed =
      step === "refused" ? hold : await stores.holds[step === "lifted" ? "lift" : "requestLift"](id, lifting);
    await stores.decisions.append([holdRecord(step, changed, by)]);
    return { step, changed };
  });
  if (result.step === "refused") throw new VivifiedError("denied", { extra: { reasons: [secondPerson] } });
  return result.changed;
}

async function openHold(id: string, { holds }: HoldStores): Promise<AuditHold> {
  const hold = await holds.find(id);
  if (hold === undefined) throw new VivifiedError("not_found", { detail: "there is no such hold" });
  if (hold.state === "lifted") throw new VivifiedError("conflict", { detail: "the hold is lifted already" });
  return hold;
}

function nextStep(hold: AuditHold, { by, at }: { by: string; at: Date }): "refused" | "lifted" | "lift requested" {
  const { lift_requested_by: first, lift_requested_at: since } = hold;
  if (first === undefined || since === undefined) return "lift requested";
  if (at.getTime() - Date.parse(since) > agreeWithinMs) return "lift requested";
  return first === by ? "refused" : "lifted";
}
