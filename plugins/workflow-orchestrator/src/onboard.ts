import { errorFields } from "@vivified/sdk";
import { announceCompleted, announceFailed } from "./announce.ts";
import { type OnboardingDeps, StepFailure } from "./onboarding.ts";
import { loadState, notBegun, type OnboardingState, saveState } from "./onboarding-state.ts";
import { getProfile } from "./steps/get-profile.ts";
import { sendWelcome } from "./steps/send-welcome.ts";
import { setPreferences } from "./steps/set-preferences.ts";

/** Fewer than the platform's own tries of a delivery, so that the end of an onboarding is always told. */
const maxAttempts = 8;

/**
 * The onboarding of one user, from `UserCreated` to `OnboardingCompleted`. It may be begun any number of times: what was
 * finished stays finished, and every step is idempotent. A failure that may pass is thrown, so that the platform delivers
 * the event again; one that will not, or the last, ends it with `WorkflowFailed`.
 *
 * @throws StepFailure to be tried again, LaneError when not even our own state can be read or written
 */
export async function onboard(userId: string, deps: OnboardingDeps): Promise<void> {
  const { storage } = deps.client;
  const known = (await loadState(userId, storage)) ?? notBegun;
  if (known.status !== "running") return;
  const state = { ...known, attempts: known.attempts + 1 };
  await saveState(userId, state, storage);
  try {
    await complete(userId, state, deps);
  } catch (error) {
    if (!(error instanceof StepFailure)) throw error;
    if (error.mayPass && state.attempts < maxAttempts) throw error;
    await fail(userId, { state, failure: error }, deps);
  }
}

async function complete(userId: string, state: OnboardingState, deps: OnboardingDeps): Promise<void> {
  const profile = await getProfile(userId, deps);
  await sendWelcome(profile, deps);
  const warnings = await setPreferences(userId, deps);
  const preferences = warnings.length === 0 ? ["set_preferences"] : [];
  const result = { steps_completed: ["get_profile", "send_welcome", ...preferences], warnings };
  await announceCompleted(userId, result, deps);
  await saveState(userId, { ...state, ...result, status: "completed" }, deps.client.storage);
}

type Failed = { readonly state: OnboardingState; readonly failure: StepFailure };

async function fail(userId: string, { state, failure }: Failed, deps: OnboardingDeps): Promise<void> {
  deps.log.error("an onboarding failed", { step: failure.step, ...errorFields(failure.cause) });
  await announceFailed(userId, failure, deps);
  await saveState(userId, { ...state, status: "failed", failed_step: failure.step }, deps.client.storage);
}
