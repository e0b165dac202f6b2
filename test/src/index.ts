export { type CheckoutCopy, copyCheckout } from "./checkout-copy.ts";
export { Command, leftBehind, networkNamespaces } from "./command.ts";
export { openDatabase } from "./database.ts";
export { createUser, decision, decisions, done, type NewUser, rules } from "./decision-log.ts";
export { type DevEnv, openDevEnv } from "./dev-env.ts";
export { type HeldDecisions, holdDecisions } from "./hold-decisions.ts";
export { grantMore } from "./newsletter-grants.ts";
export { Terminal } from "./terminal.ts";
