export { AccessTokens } from "./access-tokens.ts";
export { bootstrapAdmin } from "./bootstrap-admin.ts";
export { GatewayKeys } from "./gateway-keys.ts";
export { LoginThrottle } from "./login-throttle.ts";
export { Passwords } from "./passwords.ts";
export { type IdentityRoutesDeps, identityRoutes } from "./routes.ts";
export { userStore } from "./user-store.postgres.ts";
export type { UserAccount, UserStore } from "./user-store.ts";
