import type { Role } from "./core-api.ts";

/** The traits that a role gives a person. Policy judges these, never the role's name. */
export const roleTraits = {
  admin: ["admin_capable"],
  security: ["security_capable"],
  auditor: ["auditor_capable"],
  developer: ["developer_capable"],
  viewer: ["viewer_capable"],
} as const satisfies Record<Role, readonly string[]>;
