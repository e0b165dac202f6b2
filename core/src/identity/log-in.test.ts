import type { DecisionRecord } from "@vivified/contracts";
import { newTrace, systemClock } from "@vivified/runtime";
import { describe, expect, it } from "vitest";
import type { Stores } from "../stores.ts";
import type { AccessTokens } from "./access-tokens.ts";
import { type LogInDeps, logIn } from "./log-in.ts";
import { LoginThrottle } from "./login-throttle.ts";
import { Passwords } from "./passwords.ts";

const passwords = new Passwords();
const passwordHash = await passwords.hash("a long enough password");

/** Knows the user `ada`, and keeps what was recorded. */
function deps(failures: { account: number; address: number }) {
  const recorded: DecisionRecord[] = [];
  const throttle = (most: number) => new LoginThrottle({ failures: most, windowMs: 60_000, keys: 10 }, systemClock);
  const stores = {
    users: { findForLogin: async (name: string) => (name === "ada" ? { id: "u-1", passwordHash } : undefined) },
    decisions: { append: async (records: readonly DecisionRecord[]) => void recorded.push(...records) },
  } as unknown as Stores;
  const tokens = { sign: async () => "token" } as unknown as AccessTokens;
  const perAccount = throttle(failures.account);
  const perAddress = throttle(failures.address);
  const given: LogInDeps = { stores, passwords, tokens, perAccount, perAddress };
  const rules = () => recorded.map(({ result, caller }) => [caller, result.reasons[0]?.rule]);
  return { given, rules };
}

const attempt = (username: string, password = "a long enough password", address = "10.0.0.1") => {
  return { username, password, address, trace: newTrace() };
};

describe("logIn", () => {
  it("records a login that succeeds, one that fails, and whose it was", async () => {
    const { given, rules } = deps({ account: 10, address: 10 });
    expect(await logIn(attempt("ada"), given)).toMatchObject({ access_token: "token" });
    await expect(logIn(attempt("ada", "wrong"), given)).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(logIn(attempt("bob"), given)).rejects.toMatchObject({ code: "unauthenticated" });
    expect(rules()).toEqual([
      ["u-1", "identity.logged_in"],
      ["u-1", "identity.bad_credentials"],
      ["anonymous", "identity.bad_credentials"],
    ]);
  });

  it("makes an address wait that tries one account after another, and no other address", async () => {
    const { given, rules } = deps({ account: 10, address: 3 });
    for (const name of ["a", "b", "c"]) await expect(logIn(attempt(name), given)).rejects.toThrow("unauthenticated");
    await expect(logIn(attempt("ada"), given)).rejects.toMatchObject({ code: "rate_limited" });
    expect(rules().at(-1)).toEqual(["anonymous", "identity.login_throttled"]);
    await expect(logIn(attempt("ada", undefined, "10.0.0.2"), given)).resolves.toBeDefined();
  });

  it("makes an account wait, from wherever it is tried", async () => {
    const { given } = deps({ account: 2, address: 10 });
    for (const address of ["10.0.0.1", "10.0.0.2"]) {
      await expect(logIn(attempt("ada", "wrong", address), given)).rejects.toThrow("unauthenticated");
    }
    const third = logIn(attempt("ada", undefined, "10.0.0.3"), given);
    await expect(third).rejects.toMatchObject({ code: "rate_limited" });
  });
});
