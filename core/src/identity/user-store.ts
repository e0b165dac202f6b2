import type { Role } from "@vivified/contracts";

/** A person who may sign in. */
export type UserAccount = {
  readonly id: string;
  readonly tenantId: string;
  readonly username: string;
  readonly email: string;
  readonly fullName: string;
  readonly department?: string;
  readonly manager?: string;
  readonly roles: readonly Role[];
  readonly createdAt: Date;
};

export type NewUser = UserAccount & { readonly passwordHash?: string };

export type UserStore = {
  /** @throws VivifiedError `conflict` 409 when the user name or address is taken */
  readonly add: (user: NewUser) => Promise<void>;
  /** Adds the user unless the user name is there already; says whether it was added. */
  readonly addIfAbsent: (user: NewUser) => Promise<boolean>;
  readonly find: (id: string) => Promise<UserAccount | undefined>;
  /** The account to sign in to, and what its password is checked against. */
  readonly findForLogin: (username: string) => Promise<NewUser | undefined>;
  readonly list: () => Promise<readonly UserAccount[]>;
};
