import { generateKeyPairSync } from "node:crypto";
import type { DecisionRecord } from "@vivified/contracts";
import { newTrace, systemClock } from "@vivified/runtime";
import { describe, expect, it } from "vitest";
import { deriveKeyedDigest } from "../audit/index.ts";
import type { Stores } from "../stores.ts";
import type { AccessTokens } from "./access-tokens.ts";
import { type LogInDeps, logIn } from "./log-in.ts";
import { LoginThrottle } from "./login-throttle.ts";
import { Passwords } from "./passwords.ts";

const { privateKey } = generateKeyPairSync("ed25519");
const keyedDigest = deriveKeyedDigest(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
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
  const recordBounded = async (record: DecisionRecord) => void recorded.push(record);
  const given: LogInDeps = { stores, passwords, tokens, perAccount, perAddress, keyedDigest, recordBounded };
  const rules = () => recorded.map(({ result, caller }) => [caller, result.reasons[0]?.rule]);
  return { given, rules, recorded };
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
    expect(rules().at(-1)).toEqual(["u-1", "identity.login_throttled"]);
    await expect(logIn(attempt("d"), given)).rejects.toMatchObject({ code: "rate_limited" });
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

  it("tells of every attempt where it came from, and by a digest which name was tried", async () => {
    const { given, recorded } = deps({ account: 1, address: 10 });
    await logIn(attempt("ada"), given);
    for (const name of ["hunter2", "hunter2", "hunter3"]) await expect(logIn(attempt(name), given)).rejects.toThrow();
    const labels = recorded.map((record) => record.labels);
    const [ada, first, again, other] = labels.map(({ tried_name }) => tried_name);
    expect(labels.map(({ address, digest_key }) => [address, digest_key])).toEqual(
      Array(4).fill(["10.0.0.1", keyedDigest.key]),
    );
    expect(again).toBe(first);
    expect(new Set([ada, first, other]).size).toBe(3);
    expect(JSON.stringify(recorded)).not.toContain("hunter");
  });

  it("records that too many wait for their check, and whose login it was", async () => {
    const { given, rules } = deps({ account: 10, address: 10 });
    const busy = { ...given, passwords: new Passwords({ concurrent: 0, waiting: 0 }) };
    await expect(logIn(attempt("ada"), busy)).rejects.toMatchObject({ code: "rate_limited" });
    await expect(logIn(attempt("bob"), busy)).rejects.toMatchObject({ code: "rate_limited" });
    expect(rules()).toEqual([
      ["u-1", "identity.login_busy"],
      ["anonymous", "identity.login_busy"],
    ]);
  });
});
