import { type Logger, newTrace, type Secret, uuidv7 } from "@vivified/runtime";
import { changeRecord } from "../audit/index.ts";
import type { Atomically } from "../database/atomically.ts";
import type { Stores } from "../stores.ts";
import { defaultTenant } from "../tenant.ts";
import type { Passwords } from "./passwords.ts";
import { userTold } from "./user-told.ts";

export type BootstrapAdminDeps = {
  readonly stores: Pick<Stores, "users">;
  readonly atomically: Atomically<Pick<Stores, "users" | "decisions">>;
  readonly passwords: Passwords;
  readonly logger: Logger;
};

const reason = { rule: "identity.admin_bootstrapped", message: "Dev mode made the first administrator", fix: "" };

/** Dev mode only: makes the user `admin` with a given password, once, and says so loudly. Later runs change nothing. */
export async function bootstrapAdmin(password: Secret, deps: BootstrapAdminDeps): Promise<void> {
  if ((await deps.stores.users.findForLogin("admin")) !== undefined) return;
  const passwordHash = await deps.passwords.hash(password.reveal());
  const added = await deps.atomically(async ({ users, decisions }) => {
    const user = admin();
    if (!(await users.addIfAbsent({ ...user, passwordHash }))) return false;
    await decisions.append([changeRecord({ caller: "core", ...userTold(user), trace: newTrace(), reason })]);
    return true;
  });
  if (added)
    deps.logger.warn({ username: "admin" }, "DEV MODE: first administrator created; never do this in production");
}

function admin() {
  return {
    id: uuidv7(),
    tenantId: defaultTenant,
    username: "admin",
    email: "admin@localhost.invalid",
    fullName: "First administrator",
    roles: ["admin"] as const,
    createdAt: new Date(),
  };
}
