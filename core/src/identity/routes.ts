import { CreateUserRequest, LoginReply, LoginRequest, User, UserList } from "@vivified/contracts";
import type { HttpServer } from "@vivified/runtime";
import type { JWK } from "jose";
import { Type } from "typebox";
import { type AuthenticateDeps, authenticate, requesterOf } from "../policy/index.ts";
import type { Stores } from "../stores.ts";
import { type CreateUserDeps, createUser } from "./create-user.ts";
import { type LogInDeps, logIn, TooManyLogins } from "./log-in.ts";
import type { UserAccount } from "./user-store.ts";

export type IdentityRoutesDeps = LogInDeps &
  CreateUserDeps &
  AuthenticateDeps & {
    readonly stores: Pick<Stores, "users" | "decisions">;
    /** Every public key of the platform that signs tokens. */
    readonly publicKeys: () => Promise<readonly JWK[]>;
  };

const Jwks = Type.Object({ keys: Type.Array(Type.Record(Type.String(), Type.Unknown())) });

export function identityRoutes(server: HttpServer, deps: IdentityRoutesDeps): void {
  server.post(
    "/auth/login",
    { schema: { tags: ["identity"], security: [], body: LoginRequest, response: { 200: LoginReply } } },
    async (request, reply) => {
      reply.header("cache-control", "no-store");
      const attempt = { ...request.body, address: request.ip, trace: request.trace };
      return logIn(attempt, deps).catch((error: unknown) => {
        if (error instanceof TooManyLogins) reply.header("retry-after", error.waitSeconds);
        throw error;
      });
    },
  );
  server.get("/auth/me", { schema: { tags: ["identity"], response: { 200: User } } }, async (request) =>
    shown(await authenticate(request, deps)),
  );
  server.get(
    "/.well-known/jwks.json",
    { schema: { tags: ["identity"], security: [], response: { 200: Jwks } } },
    async (_, reply) => {
      reply.header("cache-control", "public, max-age=60");
      return { keys: (await deps.publicKeys()).map((key) => ({ ...key })) };
    },
  );
  userRoutes(server, deps);
}

function userRoutes(server: HttpServer, deps: IdentityRoutesDeps): void {
  server.post(
    "/admin/users",
    { schema: { tags: ["identity"], body: CreateUserRequest, response: { 201: User } } },
    async (request, reply) => {
      const user = await createUser(request.body, requesterOf(request), deps);
      return reply.code(201).send(shown(user));
    },
  );
  server.get("/admin/users", { schema: { tags: ["identity"], response: { 200: UserList } } }, async () => ({
    users: (await deps.stores.users.list()).map(shown),
  }));
}

function shown(user: UserAccount): User {
  return {
    id: user.id,
    tenant_id: user.tenantId,
    username: user.username,
    email: user.email,
    full_name: user.fullName,
    roles: [...user.roles],
    created_at: user.createdAt.toISOString(),
  };
}
