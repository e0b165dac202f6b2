import type { Change } from "../audit/index.ts";
import type { UserAccount } from "./user-store.ts";

/**
 * How the record of a new user names it: the id that later records have as caller, and what the operator's staff is known
 * by and may do. Their address and full name are not needed to tell who did what.
 */
export function userTold({ id, username, roles }: Pick<UserAccount, "id" | "username" | "roles">) {
  const labels = { username, roles: [...roles].sort().join(" ") };
  return { action: "create user", resource: `user ${id}`, target: id, labels } satisfies Partial<Change>;
}
