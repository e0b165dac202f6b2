import { isJsonObject, type JsonObject, type JsonValue, Refusal, type Storage } from "@vivified/sdk";
import { profileKey, readUserId } from "./profile.ts";

/** `basic` leaves out where somebody works and whom they report to. */
export type Detail = "basic" | "extended";

/**
 * The profile of a user.
 *
 * @throws Refusal `invalid` for what is not a user id, `not_found` when there is no profile, or none yet: a user who was
 *   just created is known only once `UserCreated` has reached this plugin
 */
export async function getUser(
  id: JsonValue | undefined,
  detail: Detail,
  storage: Pick<Storage, "get">,
): Promise<JsonObject> {
  const profile = await storage.get(profileKey(readUserId(id)));
  if (!isJsonObject(profile)) throw new Refusal("not_found", "there is no such user");
  return detail === "extended" ? profile : basic(profile);
}

function basic({
  department: _department,
  manager: _manager,
  created_at: _createdAt,
  ...rest
}: JsonObject): JsonObject {
  return rest;
}
