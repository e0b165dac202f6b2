import type { OutcomeRecord, SvidReply, SvidRequest } from "@vivified/contracts";
import {
  type AuditTrail,
  type Logger,
  type MinuteBudget,
  networkOf,
  type PeerSvid,
  toProblem,
  VivifiedError,
} from "@vivified/runtime";
import { acceptCsr } from "./accept-csr.ts";
import type { Authority } from "./authority.ts";
import type { FindTokenDeps } from "./find-join-token.ts";
import { issueSvid, type SvidRules } from "./issue-svid.ts";
import { type Asked, issuedRecord, refusedRecord } from "./svid-records.ts";
import { type NoRight, type SvidRight, svidRightOf } from "./svid-right.ts";

export type GrantSvidDeps = FindTokenDeps & {
  readonly authority: Authority;
  readonly rules: SvidRules;
  readonly trail: Pick<AuditTrail, "record" | "enqueue" | "note" | "hasRoom">;
  readonly budget: MinuteBudget;
  readonly logger: Logger;
};

export type SvidAsked = Asked & { readonly body: SvidRequest; readonly peer: PeerSvid | undefined };

/**
 * Gives an SVID to whoever has a right to one. That somebody joins is durable before the token is spent and the SVID
 * leaves. A renewal is recorded, and not waited for: it gives nobody anything new, and a mesh whose certificates ended
 * while NATS was away could not heal by itself (decision 0118). When there is no room for its record, there is no renewal.
 *
 * @throws VivifiedError `malformed` 400, `unauthenticated`, `invalid_join_token` 401, `rate_limited` 429,
 *   `audit_unavailable` 503
 */
export async function grantSvid(asked: SvidAsked, deps: GrantSvidDeps): Promise<SvidReply> {
  const publicKey = await acceptCsr(asked.body.csr); // before the token is spent: a malformed request costs nothing
  const right = await svidRightOf(asked.body, asked.peer, deps);
  if (!("spend" in right)) return refuse(right, asked, deps);
  const { spiffeId } = right;
  if (right.rule === "mesh.renewed") deps.budget.take(spiffeId, networkOf(asked.address));
  const svid = await issueSvid(deps.authority, { spiffeId, publicKey, now: asked.now }, deps.rules);
  const record = issuedRecord(right, { ...svid, publicKey }, asked);
  if (right.rule === "mesh.renewed") deps.trail.enqueue(record);
  else await deps.trail.record(record);
  await spend(right, { asked, deps, decisionId: record.decision_id });
  deps.logger.info({ spiffe_id: spiffeId, decision_id: record.decision_id, serial: svid.serial }, "svid issued");
  const { bundle } = deps.authority;
  return { spiffe_id: spiffeId, certificate_chain: svid.chainPem, bundle, expires_at: svid.expiresAt.toISOString() };
}

type Spending = { readonly asked: SvidAsked; readonly deps: GrantSvidDeps; readonly decisionId: string };

/** The record said that an SVID is given out: its outcome says whether it was. */
async function spend(right: SvidRight, { asked, deps, decisionId }: Spending): Promise<void> {
  const outcome = (told: Pick<OutcomeRecord, "outcome" | "status" | "code">) =>
    deps.trail.note({
      kind: "outcome",
      decision_id: decisionId,
      timestamp: deps.clock.now().toISOString(),
      duration_ms: Math.max(0, deps.clock.now().getTime() - asked.now.getTime()),
      ...told,
    });
  try {
    if (!(await right.spend())) {
      await refuse({ rule: "mesh.join_token_reused", spiffeId: right.spiffeId }, asked, deps);
    }
    outcome({ outcome: "done", status: 200 });
  } catch (error) {
    const { status, code } = toProblem(error);
    outcome({ outcome: "failed", status, code });
    throw error;
  }
}

/**
 * Whatever is wrong with a token looks the same from outside, and takes the same budget, so that who is told 429 learns no
 * more than from 401. A good token takes nothing of it, so nobody keeps others from joining, whatever they show. From ten
 * networks on, the use of a token that was used before may not be told. With the key of an SVID and as many networks,
 * renewals of this one identity wait; from one network, only renewals from there.
 */
async function refuse(no: NoRight, asked: SvidAsked, { budget, trail, logger }: GrantSvidDeps): Promise<never> {
  logger.warn({ security: true, rule: no.rule, spiffe_id: no.spiffeId, address: asked.address }, "svid refused");
  budget.take("refusals", networkOf(asked.address));
  await trail.record(refusedRecord(no, asked));
  throw new VivifiedError(no.rule.startsWith("mesh.join_token_") ? "invalid_join_token" : "unauthenticated");
}
