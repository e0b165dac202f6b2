import type { DecisionRow, User } from "@vivified/contracts";
import type { AdminApi } from "../platform/admin-api.ts";

/** Puts user names where a decision has the ids of people: records keep ids, because names change. */
export async function readablePeople(api: AdminApi): Promise<(row: DecisionRow) => DecisionRow> {
  const { users } = await api.call<{ users: readonly User[] }>("GET", "/admin/users");
  const readable = (text: string) => users.reduce((shown, { id, username }) => shown.replaceAll(id, username), text);
  return (row) => ({ ...row, caller: readable(row.caller), resource: readable(row.resource) });
}
