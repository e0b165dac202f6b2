import type { Clock } from "@vivified/runtime";
import type { Db } from "../../database/open-database.ts";
import type { AlertRule } from "../finding.ts";
import { recordsOfRule } from "./records-of-rule.ts";

const windowMs = 15 * 60_000;

/** Logins are held back because too many failed: an account or an address is being tried out. */
export function loginLockout(db: Db, clock: Clock): AlertRule {
  const rules = ["identity.login_throttled"];
  const look = async () => {
    const until = clock.now();
    const found = await recordsOfRule(db, { rules, since: new Date(until.getTime() - windowMs), until });
    return found.map(({ count, latest }) => {
      const message = `Too many failed logins: ${count} were held back within fifteen minutes`;
      const told = { severity: "medium", message, evidenceAt: latest, labels: { held_back: String(count) } } as const;
      return { rule: "login_lockout", subject: "logins", ...told } as const;
    });
  };
  return { name: "login_lockout", look, ends: windowMs };
}
