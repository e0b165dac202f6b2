/** Everything belongs to a tenant; so far there is one. */
export const defaultTenant = "default";
