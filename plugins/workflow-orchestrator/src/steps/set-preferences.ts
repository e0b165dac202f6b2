import { errorFields, LaneError } from "@vivified/sdk";
import type { OnboardingDeps } from "../onboarding.ts";

/**
 * Gives the user the standard preferences at the outside service. Best effort: an onboarding does not fail for it.
 *
 * @returns warnings, empty when it worked out
 */
export async function setPreferences(userId: string, deps: OnboardingDeps): Promise<readonly string[]> {
  const { client, config, log } = deps;
  const body = { user_id: userId, preferences: { newsletter: false, product_mail: true } };
  try {
    await client.callExternal({ url: config.preferences_url, method: "POST", body }, { timeoutMs: 10_000 });
    return [];
  } catch (error) {
    if (!(error instanceof LaneError)) throw error;
    if (error.executed) return []; // done; only the service's answer is withheld
    log.warn("preferences were not set", errorFields(error));
    return [`set_preferences: ${error.code}`];
  }
}
