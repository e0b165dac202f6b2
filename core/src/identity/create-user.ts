import type { CreateUserRequest } from "@vivified/contracts";
import { uuidv7 } from "@vivified/runtime";
import { changeRecord } from "../audit/index.ts";
import type { Atomically } from "../database/atomically.ts";
import type { Requester } from "../policy/index.ts";
import type { Stores } from "../stores.ts";
import { defaultTenant } from "../tenant.ts";
import type { Passwords } from "./passwords.ts";
import type { UserAccount } from "./user-store.ts";
import { userTold } from "./user-told.ts";

export type CreateUserDeps = {
  readonly atomically: Atomically<Pick<Stores, "users" | "decisions" | "outbox">>;
  readonly passwords: Passwords;
};

const created = { rule: "identity.user_created", message: "An administrator created a user", fix: "" };

/**
 * Creates a user; record and `UserCreated` are written with it, so neither is ever there without the other.
 *
 * @throws VivifiedError `conflict` 409 when the user name or address is taken
 */
export async function createUser(
  request: CreateUserRequest,
  by: Requester,
  deps: CreateUserDeps,
): Promise<UserAccount> {
  const passwordHash = request.password === undefined ? undefined : await deps.passwords.hash(request.password);
  const user = accountOf(request);
  await deps.atomically(async ({ users, decisions, outbox }) => {
    await users.add({ ...user, ...(passwordHash !== undefined && { passwordHash }) });
    await decisions.append([changeRecord({ ...by, ...userTold(user), reason: created })]);
    await outbox.add({ eventType: "UserCreated", payload: userCreated(user), trace: by.trace });
  });
  return user;
}

function accountOf(request: CreateUserRequest): UserAccount {
  return {
    id: uuidv7(),
    tenantId: defaultTenant,
    username: request.username,
    email: request.email,
    fullName: request.full_name,
    roles: request.roles ?? [],
    createdAt: new Date(),
    ...(request.department !== undefined && { department: request.department }),
    ...(request.manager !== undefined && { manager: request.manager }),
  };
}

function userCreated(user: UserAccount) {
  return {
    user_id: user.id,
    tenant_id: user.tenantId,
    username: user.username,
    email: user.email,
    full_name: user.fullName,
    ...(user.department !== undefined && { department: user.department }),
    ...(user.manager !== undefined && { manager: user.manager }),
  };
}
