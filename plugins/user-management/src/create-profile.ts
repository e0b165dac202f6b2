import type { PlatformEvent, Storage } from "@vivified/sdk";
import { profileKey, readProfile } from "./profile.ts";

/**
 * Makes the profile of a new user. The first word counts: an event that comes again, or late, changes nothing.
 *
 * @returns whether there was none before
 * @throws Refusal `invalid` for an event without what a profile needs
 */
export function createProfile(event: PlatformEvent, storage: Pick<Storage, "create">): Promise<boolean> {
  const profile = readProfile(event.data, event.time);
  return storage.create(profileKey(profile.user_id), profile);
}
