import type { DecisionRecord, Reason } from "@vivified/contracts";
import { changeRecord, type KeyedDigest } from "../audit/index.ts";
import type { LoginAttempt } from "./log-in.ts";

const reasons = {
  accepted: { rule: "identity.logged_in", message: "The password is right", fix: "" },
  rejected: {
    rule: "identity.bad_credentials",
    message: "User name and password do not belong together",
    fix: "check both, or ask an administrator",
  },
  throttled: { rule: "identity.login_throttled", message: "Too many failed logins", fix: "wait, then try again" },
  busy: { rule: "identity.login_busy", message: "Too many logins wait for their check", fix: "try again" },
} as const satisfies Record<string, Reason>;

export type LoginResult = {
  readonly what: keyof typeof reasons;
  readonly account: { readonly id: string } | undefined;
};

/**
 * A login, and what came of it: whose account it was about, from where, and a keyed digest of the name that was tried. The
 * name itself may be a password that was typed into the wrong field.
 */
export function loginRecord(
  attempt: LoginAttempt,
  { what, account }: LoginResult,
  digest: KeyedDigest,
): DecisionRecord {
  const { address, username, trace } = attempt;
  const labels = { address, tried_name: digest.of("login name", username), digest_key: digest.key };
  const told = { action: "login", resource: "/auth/login", trace, reason: reasons[what], labels };
  const entrypoint = what === "accepted" ? "recorded" : "refused";
  return changeRecord({ ...told, entrypoint, caller: account?.id ?? "anonymous" });
}
