import { VivifiedError } from "@vivified/runtime";
import type { FastifyRequest } from "fastify";
import type { AccessTokens, UserAccount } from "../identity/index.ts";
import type { Stores } from "../stores.ts";

export type AuthenticateDeps = { readonly tokens: AccessTokens; readonly stores: Pick<Stores, "users"> };

/** Who sends a request, as the database knows them now. @throws VivifiedError `unauthenticated` 401 */
export async function authenticate(request: FastifyRequest, deps: AuthenticateDeps): Promise<UserAccount> {
  const [, token] = /^Bearer ([A-Za-z0-9._-]{1,4096})$/i.exec(request.headers.authorization ?? "") ?? [];
  if (token === undefined) throw new VivifiedError("unauthenticated", { detail: "a bearer token is required" });
  const { userId } = await deps.tokens.verify(token);
  const user = await deps.stores.users.find(userId);
  if (user === undefined) throw new VivifiedError("unauthenticated", { detail: "the access token is not valid" });
  return user;
}
