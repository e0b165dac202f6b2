export { type CreateAuthorityOptions, type CreatedAuthority, createAuthority } from "./ca/create-authority.ts";
