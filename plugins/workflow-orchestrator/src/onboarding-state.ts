import { isJsonObject, type JsonValue, type Storage } from "@vivified/sdk";

/** How far the onboarding of a user is. Holds no personal data. */
export type OnboardingState = {
  readonly status: "running" | "completed" | "failed";
  /** How often it was begun. */
  readonly attempts: number;
  readonly steps_completed: readonly string[];
  /** Codes of what went wrong and was not worth failing for. */
  readonly warnings: readonly string[];
  readonly failed_step?: string;
};

export const notBegun: OnboardingState = { status: "running", attempts: 0, steps_completed: [], warnings: [] };

/** What is known of a user's onboarding, or undefined. */
export async function loadState(userId: string, storage: Pick<Storage, "get">): Promise<OnboardingState | undefined> {
  return readState(await storage.get(key(userId)));
}

export function saveState(userId: string, state: OnboardingState, storage: Pick<Storage, "put">): Promise<void> {
  return storage.put(key(userId), state);
}

function key(userId: string): string {
  return `onboarding:${userId}`;
}

function readState(value: JsonValue | undefined): OnboardingState | undefined {
  if (!isJsonObject(value)) return undefined;
  const { status, attempts, failed_step } = value;
  return {
    status: status === "completed" || status === "failed" ? status : "running",
    attempts: typeof attempts === "number" ? attempts : 0,
    steps_completed: texts(value.steps_completed),
    warnings: texts(value.warnings),
    ...(typeof failed_step === "string" ? { failed_step } : {}),
  };
}

function texts(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
