import type { LoginReply, TraceContext } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import type { BoundedRecords, KeyedDigest } from "../audit/index.ts";
import type { Stores } from "../stores.ts";
import { type AccessTokens, accessTokenSeconds } from "./access-tokens.ts";
import { type LoginResult, loginRecord } from "./login-record.ts";
import type { LoginThrottle } from "./login-throttle.ts";
import type { Passwords } from "./passwords.ts";
import type { UserAccount } from "./user-store.ts";

export type LogInDeps = {
  readonly stores: Pick<Stores, "users" | "decisions">;
  readonly passwords: Passwords;
  readonly tokens: AccessTokens;
  readonly perAccount: LoginThrottle;
  readonly perAddress: LoginThrottle;
  readonly keyedDigest: KeyedDigest;
  readonly recordBounded: BoundedRecords;
};

export type LoginAttempt = {
  readonly username: string;
  readonly password: string;
  /** The peer's of the connection. */
  readonly address: string;
  readonly trace: TraceContext;
};

/**
 * Signs somebody in. An unknown user costs the same work and gets the same answer as a wrong password; both are recorded
 * before they are answered, and so is a login that succeeds. Attempts that are held back cost nothing, so of them are
 * recorded as many as a minute has room for.
 *
 * @throws VivifiedError `unauthenticated` 401, `rate_limited` 429 with how long to wait, or while too many wait
 */
export async function logIn(attempt: LoginAttempt, deps: LogInDeps): Promise<LoginReply> {
  const found = await deps.stores.users.findForLogin(attempt.username);
  await refuseThrottled(attempt, found, deps);
  if (!(await matches(attempt, found, deps)) || found === undefined) return reject(attempt, found, deps);
  deps.perAccount.succeeded(attempt.username);
  await record(attempt, { what: "accepted", account: found }, deps);
  return { access_token: await deps.tokens.sign(found), token_type: "Bearer", expires_in: accessTokenSeconds };
}

type Found = Awaited<ReturnType<Stores["users"]["findForLogin"]>>;

async function refuseThrottled(attempt: LoginAttempt, account: Found, deps: LogInDeps): Promise<void> {
  const waitSeconds = Math.max(
    deps.perAccount.waitSeconds(attempt.username),
    deps.perAddress.waitSeconds(attempt.address),
  );
  if (waitSeconds === 0) return;
  await recordHeldBack(attempt, { what: "throttled", account }, deps);
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

async function matches(attempt: LoginAttempt, account: Found, deps: LogInDeps): Promise<boolean> {
  try {
    return await deps.passwords.matches(attempt.password, account?.passwordHash);
  } catch (error) {
    if (error instanceof VivifiedError && error.code === "rate_limited") {
      await recordHeldBack(attempt, { what: "busy", account }, deps);
    }
    throw error;
  }
}

async function reject(attempt: LoginAttempt, account: UserAccount | undefined, deps: LogInDeps): Promise<never> {
  deps.perAccount.failed(attempt.username);
  deps.perAddress.failed(attempt.address);
  await record(attempt, { what: "rejected", account }, deps);
  throw new VivifiedError("unauthenticated", { detail: "user name and password do not belong together" });
}

function record(attempt: LoginAttempt, result: LoginResult, { stores, keyedDigest }: LogInDeps): Promise<void> {
  return stores.decisions.append([loginRecord(attempt, result, keyedDigest)]);
}

function recordHeldBack(attempt: LoginAttempt, result: LoginResult, deps: LogInDeps): Promise<void> {
  return deps.recordBounded(loginRecord(attempt, result, deps.keyedDigest), attempt.address);
}
