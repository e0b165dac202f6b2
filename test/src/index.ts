export { createUser, decision, decisions, done, type NewUser, rules } from "./decision-log.ts";
export { type DevEnv, openDevEnv } from "./dev-env.ts";
export { grantMore } from "./newsletter-grants.ts";
export { Command, leftBehind, networkNamespaces } from "./up-command.ts";
