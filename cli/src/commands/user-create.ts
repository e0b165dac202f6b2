import { readFile } from "node:fs/promises";
import type { Role } from "@vivified/contracts";
import type { CoreOptions } from "../core/core-options.ts";
import { openCore } from "../core/open-core.ts";

export type UserCreateOptions = CoreOptions & {
  readonly email: string;
  readonly fullName: string;
  readonly role?: readonly Role[];
  readonly newPasswordFile?: string;
};

/** `vivified user create`: the plugins hear of it. Without a password the user cannot log in. @throws AdminApiError */
export async function userCreate(username: string, options: UserCreateOptions): Promise<void> {
  const { email, fullName: full_name, role: roles = [], newPasswordFile } = options;
  const password = newPasswordFile && (await readFile(newPasswordFile, "utf8")).trim();
  await using api = await openCore(options);
  const user = { username, email, full_name, roles: [...roles], ...(password && { password }) };
  const { id } = await api.createUser(user);
  console.log(`created ${username} (${id})`);
}
