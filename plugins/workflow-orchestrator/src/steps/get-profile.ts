import type { JsonObject } from "@vivified/sdk";
import { asStep, isUnknownUser, type OnboardingDeps } from "../onboarding.ts";

export type Profile = { readonly user_id: string; readonly email: string; readonly full_name: string };

/** About a second and a half in all; after that the platform delivers the event again. */
const waitsMs = [50, 100, 200, 400, 800];

/** Who the user is. Waits a little for a profile that is not there yet. @throws StepFailure */
export function getProfile(userId: string, deps: OnboardingDeps): Promise<Profile> {
  return asStep("get_profile", async () => {
    for (const waitMs of waitsMs) {
      const profile = await getKnown(userId, deps);
      if (profile) return profile;
      await deps.sleep(waitMs);
    }
    return ask(userId, deps);
  });
}

async function getKnown(userId: string, deps: OnboardingDeps): Promise<Profile | undefined> {
  try {
    return await ask(userId, deps);
  } catch (error) {
    if (isUnknownUser(error)) return undefined;
    throw error;
  }
}

async function ask(userId: string, { client }: OnboardingDeps): Promise<Profile> {
  return readProfile(await client.callPlugin("user-management", "get_user_extended", { user_id: userId }));
}

function readProfile({ user_id, email, full_name }: JsonObject): Profile {
  if (typeof user_id === "string" && typeof email === "string" && typeof full_name === "string") {
    return { user_id, email, full_name };
  }
  throw new TypeError("the profile cannot be read");
}
