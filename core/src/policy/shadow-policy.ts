import { VivifiedError } from "@vivified/runtime";
import { changeRecord } from "../audit/index.ts";
import type { Atomically } from "../database/atomically.ts";
import type { Stores } from "../stores.ts";
import type { Requester } from "./guard-admin.ts";

export type ShadowPolicyDeps = { readonly atomically: Atomically<Pick<Stores, "policies" | "decisions" | "revision">> };

const started = { rule: "policy.shadow_started", message: "A candidate judges live traffic without effect", fix: "" };
const stopped = { rule: "policy.shadow_stopped", message: "The candidate judges no more", fix: "" };

/**
 * Lets every gateway judge its traffic with a candidate, too, without effect. It ends when the candidate is put in force.
 *
 * @throws VivifiedError `not_found` 404; `conflict` 409 when it is in force already, or somebody else is at it
 */
export async function startShadow(candidate: string, by: Requester, deps: ShadowPolicyDeps): Promise<void> {
  await deps.atomically(async ({ policies, decisions, revision }) => {
    await policies.lock("refuse");
    if ((await policies.findBundle(candidate)) === undefined) {
      throw new VivifiedError("not_found", { detail: "there is no such policy bundle" });
    }
    if ((await policies.active())?.revision === candidate) {
      throw new VivifiedError("conflict", { detail: `policy ${candidate} is in force already` });
    }
    await policies.setShadow(candidate);
    await revision.advance();
    await decisions.append([changeRecord({ ...by, ...told(candidate), action: "shadow policy", reason: started })]);
  });
}

/** Ends it; nothing happens when nothing runs. @throws VivifiedError `conflict` 409 when somebody else is at it */
export async function stopShadow(by: Requester, deps: ShadowPolicyDeps): Promise<void> {
  await deps.atomically(async ({ policies, decisions, revision }) => {
    await policies.lock("refuse");
    const candidate = await policies.shadow();
    if (candidate === undefined) return;
    await policies.setShadow(undefined);
    await revision.advance();
    await decisions.append([changeRecord({ ...by, ...told(candidate), action: "end shadow", reason: stopped })]);
  });
}

const told = (revision: string) => ({ resource: `policy ${revision}`, target: revision });
