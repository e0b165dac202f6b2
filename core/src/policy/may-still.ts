import { VivifiedError } from "@vivified/runtime";
import type { FastifyRequest } from "fastify";
import { authenticate } from "./authenticate.ts";
import type { GuardAdminDeps } from "./guard-admin.ts";
import { judgeAccess } from "./judge-access.ts";

/** A download outlives the quarter of an hour of its login: what counts there is the person, as the database knows them. */
export type LoginStill = "counts" | "may have ended";

/**
 * Whether whoever sent a request may still use its route: their login may have ended since, their account or a role may be
 * gone, policy may be another. Only a no is recorded: it takes effect, a yes changes nothing.
 */
export async function mayStill(request: FastifyRequest, login: LoginStill, deps: GuardAdminDeps): Promise<boolean> {
  const user =
    login === "counts"
      ? await authenticate(request, deps).catch(nobody)
      : await deps.stores.users.find(request.requester?.caller ?? "");
  if (user === undefined) return false;
  const { decision, record } = await judgeAccess(request, user, deps.pdp);
  if (decision.effect === "deny") await deps.stores.decisions.append([record]);
  return decision.effect !== "deny";
}

function nobody(error: unknown): undefined {
  if (error instanceof VivifiedError && error.code === "unauthenticated") return undefined;
  throw error;
}
