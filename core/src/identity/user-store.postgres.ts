import { type Role, roles } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import type { Selectable } from "kysely";
import { sqlState } from "../database/guarded-pool.ts";
import type { Db } from "../database/open-database.ts";
import type { Tables } from "../database/tables.ts";
import { defaultTenant } from "../tenant.ts";
import type { NewUser, UserAccount, UserStore } from "./user-store.ts";

export function userStore(db: Db): UserStore {
  const users = () => db.selectFrom("users").selectAll().where("tenant_id", "=", defaultTenant);
  return {
    add: async (user) => {
      await db.insertInto("users").values(rowOf(user)).execute().catch(taken);
    },
    addIfAbsent: async (user) => {
      const insert = db.insertInto("users").values(rowOf(user));
      const added = await insert
        .onConflict((conflict) => conflict.columns(["tenant_id", "username"]).doNothing())
        .executeTakeFirst();
      return added.numInsertedOrUpdatedRows === 1n;
    },
    find: async (id) => {
      const row = await users().where("id", "=", id).executeTakeFirst();
      return row && account(row);
    },
    findForLogin: async (username) => {
      const row = await users().where("username", "=", username).executeTakeFirst();
      return row && { ...account(row), ...(row.password_hash !== null && { passwordHash: row.password_hash }) };
    },
    list: async () => (await users().orderBy("username").limit(1000).execute()).map(account),
  };
}

function taken(error: unknown): never {
  if (sqlState(error) !== "23505") throw error;
  throw new VivifiedError("conflict", { detail: "the user name or e-mail address is taken", cause: error });
}

function rowOf(user: NewUser) {
  return {
    id: user.id,
    tenant_id: user.tenantId,
    username: user.username,
    email: user.email,
    full_name: user.fullName,
    department: user.department ?? null,
    manager: user.manager ?? null,
    password_hash: user.passwordHash ?? null,
    roles: [...user.roles],
    created_at: user.createdAt,
  };
}

function account(row: Selectable<Tables["users"]>): UserAccount {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    username: row.username,
    email: row.email,
    fullName: row.full_name,
    ...(row.department !== null && { department: row.department }),
    ...(row.manager !== null && { manager: row.manager }),
    roles: row.roles.filter(isRole),
    createdAt: row.created_at,
  };
}

const isRole = (name: string): name is Role => roles.some((role) => role === name);
