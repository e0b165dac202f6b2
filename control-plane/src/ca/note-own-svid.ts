import { processSpiffeId } from "@vivified/contracts";
import { type AuditTrail, type Clock, newTrace } from "@vivified/runtime";
import type { PublicKey } from "@vivified/runtime/x509";
import { doneOutcome } from "../done-outcome.ts";
import type { IssuedSvid } from "./issue-svid.ts";
import { issuedRecord } from "./svid-records.ts";

export type NoteOwnSvidDeps = {
  readonly trail: Pick<AuditTrail, "note">;
  readonly clock: Clock;
  readonly trustDomain: string;
};

/** The control plane signs its own SVID, twice an hour: that is recorded, and not waited for, nor is room asked for. */
export function noteOwnSvid(
  svid: IssuedSvid & { readonly publicKey: PublicKey },
  { trail, clock, trustDomain }: NoteOwnSvidDeps,
): void {
  const asked = { now: clock.now(), trace: newTrace(), trustDomain, address: "" };
  const spiffeId = processSpiffeId(trustDomain, "control-plane");
  const record = issuedRecord({ rule: "mesh.self_issued", spiffeId }, svid, asked);
  trail.note(record);
  trail.note(doneOutcome(record));
}
