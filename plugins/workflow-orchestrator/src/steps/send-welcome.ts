import { asStep, type OnboardingDeps } from "../onboarding.ts";
import type { Profile } from "./get-profile.ts";

/** The one welcome mail of a user, however often it is asked for. @throws StepFailure */
export async function sendWelcome({ user_id, email, full_name }: Profile, { client }: OnboardingDeps): Promise<void> {
  const idempotency_key = `welcome:${user_id}`;
  const mail = { to: email, template: "welcome", variables: { name: full_name }, idempotency_key };
  await asStep("send_welcome", () => client.callPlugin("email-gateway", "send_email", mail));
}
