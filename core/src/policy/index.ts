export { type AuthenticateDeps, authenticate } from "./authenticate.ts";
export { type GuardAdminDeps, guardAdmin, type Requester, requesterOf } from "./guard-admin.ts";
