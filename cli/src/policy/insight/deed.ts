/** `caller → action → resource` of a record; a route is its own action. */
export function deedOf({ caller, action, resource }: Record<string, unknown>): string {
  const parts = [caller, action, `${action}`.endsWith(` ${resource}`) ? undefined : resource];
  return parts.filter((part) => typeof part === "string" && part !== "").join(" → ");
}
