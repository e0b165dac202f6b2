import { type Static, Type } from "typebox";
import { GrantRequest, StoredGrant } from "./grants.ts";

const closed = { additionalProperties: false } as const;

export const roles = ["admin", "security", "auditor", "developer", "viewer"] as const;
export const Role = Type.Enum([...roles]);
export type Role = (typeof roles)[number];

export const LoginRequest = Type.Object(
  { username: Type.String({ minLength: 1, maxLength: 254 }), password: Type.String({ minLength: 1, maxLength: 1024 }) },
  closed,
);
export const LoginReply = Type.Object({
  access_token: Type.String(),
  token_type: Type.Literal("Bearer"),
  /** seconds */
  expires_in: Type.Integer(),
});
export type LoginReply = Static<typeof LoginReply>;

export const CreateUserRequest = Type.Object(
  {
    username: Type.String({ pattern: "^[a-z0-9][a-z0-9._-]{1,62}$" }),
    email: Type.String({ format: "email", maxLength: 254 }),
    full_name: Type.String({ minLength: 1, maxLength: 200 }),
    /** NIST SP 800-63B-4: at least 15 characters, no composition rules. Absent: the user cannot log in yet. */
    password: Type.Optional(Type.String({ minLength: 15, maxLength: 1024 })),
    roles: Type.Optional(Type.Array(Role, { maxItems: 5, uniqueItems: true })),
    department: Type.Optional(Type.String({ maxLength: 100 })),
    manager: Type.Optional(Type.String({ maxLength: 100 })),
  },
  closed,
);
export type CreateUserRequest = Static<typeof CreateUserRequest>;

export const User = Type.Object({
  id: Type.String(),
  tenant_id: Type.String(),
  username: Type.String(),
  email: Type.String(),
  full_name: Type.String(),
  roles: Type.Array(Role),
  created_at: Type.String({ format: "date-time" }),
});
export type User = Static<typeof User>;

/** `POST /plugins/register`: the caller is the SVID that the gateway saw; `manifest.id` must be its plugin. */
export const RegisterRequest = Type.Object({ manifest: Type.Record(Type.String(), Type.Unknown()) }, closed);
export const PluginStatus = Type.Enum(["registered", "active", "disabled"]);
export const RegisterReply = Type.Object({
  status: PluginStatus,
  plugin_id: Type.String(),
  grants: Type.Array(StoredGrant),
  warnings: Type.Array(Type.String()),
});
export type RegisterReply = Static<typeof RegisterReply>;

/** `POST /admin/plugins/{id}/join-token` */
export const JoinTokenReply = Type.Object({
  join_token: Type.String(),
  expires_at: Type.String({ format: "date-time" }),
});
export type JoinTokenReply = Static<typeof JoinTokenReply>;

/**
 * `POST /admin/plugins/{id}/approve`: replaces the plugin's grants and makes it active. `version` says which manifest was
 * looked at; it must be given when an upgrade waits for approval, and any other one is a 409.
 */
export const ApproveRequest = Type.Object(
  { grants: Type.Array(GrantRequest, { maxItems: 500 }), version: Type.Optional(Type.String({ maxLength: 40 })) },
  closed,
);
export type ApproveRequest = Static<typeof ApproveRequest>;
/** One of `GET /admin/plugins`. `proposed` is an upgrade that asks for more and waits for approval. */
export const AdminPlugin = Type.Object({
  id: Type.String(),
  tenant_id: Type.String(),
  status: PluginStatus,
  version: Type.String(),
  manifest: Type.Record(Type.String(), Type.Unknown()),
  grants: Type.Array(StoredGrant),
  proposed: Type.Optional(
    Type.Object({
      version: Type.String(),
      added: Type.Array(Type.String()),
      removed: Type.Array(Type.String()),
    }),
  ),
  registered_at: Type.String({ format: "date-time" }),
  last_heartbeat_at: Type.Optional(Type.String({ format: "date-time" })),
});
export type AdminPlugin = Static<typeof AdminPlugin>;
export const AdminPluginList = Type.Object({ plugins: Type.Array(AdminPlugin) });

/** `GET /admin/users` */
export const UserList = Type.Object({ users: Type.Array(User) });

/** One row of `GET /admin/decisions`. */
export const DecisionRow = Type.Object({
  decision_id: Type.String(),
  timestamp: Type.String({ format: "date-time" }),
  lane: Type.String(),
  entrypoint: Type.String(),
  caller: Type.String(),
  action: Type.String(),
  resource: Type.String(),
  target: Type.Optional(Type.String()),
  effect: Type.Enum(["allow", "sanitize", "deny"]),
  reasons: Type.Array(Type.Object({ rule: Type.String(), message: Type.String(), fix: Type.String() })),
  obligations: Type.Array(Type.Object({ path: Type.String(), action: Type.String() })),
  would_deny: Type.Optional(
    Type.Array(Type.Object({ rule: Type.String(), message: Type.String(), fix: Type.String() })),
  ),
  would_sanitize: Type.Optional(Type.Array(Type.Object({ path: Type.String(), action: Type.String() }))),
  revision: Type.String(),
  trace_id: Type.String(),
  parent_id: Type.Optional(Type.String()),
  outcome: Type.Optional(
    Type.Object({
      outcome: Type.String(),
      status: Type.Optional(Type.Integer()),
      code: Type.Optional(Type.String()),
      duration_ms: Type.Number(),
    }),
  ),
});
export type DecisionRow = Static<typeof DecisionRow>;

/** `GET /admin/decisions`: newest first; `before` is the cursor of the page that came last. */
export const DecisionQuery = Type.Object(
  {
    lane: Type.Optional(Type.String()),
    caller: Type.Optional(Type.String()),
    target: Type.Optional(Type.String()),
    action: Type.Optional(Type.String()),
    resource: Type.Optional(Type.String()),
    effect: Type.Optional(Type.Enum(["allow", "sanitize", "deny"])),
    rule: Type.Optional(Type.String()),
    revision: Type.Optional(Type.String()),
    /** `none`: permitted on a lane, and nothing was told of it. */
    outcome: Type.Optional(Type.Enum(["done", "failed", "withheld", "unknown", "none"])),
    /** Whether rules in mode `report` would have denied it. */
    would_deny: Type.Optional(Type.Boolean()),
    /** Words of rule ids, messages and fixes; `"a phrase"`, `or` and `-without` as in a web search. */
    text: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    trace_id: Type.Optional(Type.String({ pattern: "^[0-9a-f]{32}$" })),
    since: Type.Optional(Type.String({ format: "date-time" })),
    until: Type.Optional(Type.String({ format: "date-time" })),
    before: Type.Optional(Type.String({ maxLength: 400 })),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
  },
  closed,
);
export type DecisionQuery = Static<typeof DecisionQuery>;
export const DecisionPage = Type.Object({ decisions: Type.Array(DecisionRow), next: Type.Optional(Type.String()) });
export type DecisionPage = Static<typeof DecisionPage>;
