/** The three ways a plugin can act. The same word is the key in folders, policies, logs and docs. */
export const lanes = ["events", "rpc", "egress"] as const;
export type Lane = (typeof lanes)[number];

/** What a lane asks policy: one entrypoint per direction. */
export const entrypoints = [
  "events/publish",
  "events/deliver",
  "rpc/invoke",
  "rpc/reply",
  "egress/connect",
  "egress/reply",
] as const;
export type Entrypoint = (typeof entrypoints)[number];

/** What core asks policy about people and about its own log. */
export type CoreEntrypoint = "admin/access" | "audit/mask";

/** The compiled modules: one per lane, and one each for core's questions. */
export const policyModules = ["events", "rpc", "egress", "admin", "audit"] as const;
export type PolicyModule = (typeof policyModules)[number];

/** The module that answers an entrypoint: `rpc/invoke` → `rpc`. */
export function moduleOf(entrypoint: Entrypoint | CoreEntrypoint): PolicyModule {
  return entrypoint.slice(0, entrypoint.indexOf("/")) as PolicyModule;
}

/** The lane that an entrypoint belongs to. */
export function laneOf(entrypoint: Entrypoint): Lane {
  return moduleOf(entrypoint) as Lane;
}
