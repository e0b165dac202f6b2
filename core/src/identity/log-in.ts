import type { LoginReply, TraceContext } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { changeRecord } from "../audit/index.ts";
import type { Stores } from "../stores.ts";
import { type AccessTokens, accessTokenSeconds } from "./access-tokens.ts";
import type { LoginThrottle } from "./login-throttle.ts";
import type { Passwords } from "./passwords.ts";
import type { UserAccount } from "./user-store.ts";

export type LogInDeps = {
  readonly stores: Pick<Stores, "users" | "decisions">;
  readonly passwords: Passwords;
  readonly tokens: AccessTokens;
  readonly perAccount: LoginThrottle;
  readonly perAddress: LoginThrottle;
};

export type LoginAttempt = {
  readonly username: string;
  readonly password: string;
  readonly address: string;
  readonly trace: TraceContext;
};

const accepted = { rule: "identity.logged_in", message: "The password is right", fix: "" };
const rejected = {
  rule: "identity.bad_credentials",
  message: "User name and password do not belong together",
  fix: "check both, or ask an administrator",
};
const throttled = { rule: "identity.login_throttled", message: "Too many failed logins", fix: "wait, then try again" };

/**
 * Signs somebody in. An unknown user costs the same work and gets the same answer as a wrong password; both are recorded
 * before they are answered, and so is a login that succeeds.
 *
 * @throws VivifiedError `unauthenticated` 401, `rate_limited` 429 with how long to wait
 */
export async function logIn(attempt: LoginAttempt, deps: LogInDeps): Promise<LoginReply> {
  await refuseThrottled(attempt, deps);
  const found = await deps.stores.users.findForLogin(attempt.username);
  if (!(await deps.passwords.matches(attempt.password, found?.passwordHash)) || found === undefined) {
    return reject(attempt, found, deps);
  }
  deps.perAccount.succeeded(attempt.username);
  await record(attempt, { caller: found.id, reason: accepted }, deps);
  return { access_token: await deps.tokens.sign(found), token_type: "Bearer", expires_in: accessTokenSeconds };
}

async function refuseThrottled(attempt: LoginAttempt, deps: LogInDeps): Promise<void> {
  const waitSeconds = Math.max(
    deps.perAccount.waitSeconds(attempt.username),
    deps.perAddress.waitSeconds(attempt.address),
  );
  if (waitSeconds === 0) return;
  await record(attempt, { caller: "anonymous", entrypoint: "refused", reason: throttled }, deps);
  throw new TooManyLogins(waitSeconds);
}

/** Carries how long to wait, for the `Retry-After` header. */
export class TooManyLogins extends VivifiedError {
  readonly waitSeconds: number;

  constructor(waitSeconds: number) {
    super("rate_limited", { detail: `try again in ${waitSeconds} seconds` });
    this.waitSeconds = waitSeconds;
  }
}

async function reject(attempt: LoginAttempt, found: UserAccount | undefined, deps: LogInDeps): Promise<never> {
  deps.perAccount.failed(attempt.username);
  deps.perAddress.failed(attempt.address);
  await record(attempt, { caller: found?.id ?? "anonymous", entrypoint: "refused", reason: rejected }, deps);
  throw new VivifiedError("unauthenticated", { detail: "user name and password do not belong together" });
}

type Told = Pick<Parameters<typeof changeRecord>[0], "caller" | "entrypoint" | "reason">;

function record(attempt: LoginAttempt, told: Told, deps: LogInDeps): Promise<void> {
  const change = { ...told, action: "login", resource: "/auth/login", trace: attempt.trace };
  return deps.stores.decisions.append([changeRecord(change)]);
}
