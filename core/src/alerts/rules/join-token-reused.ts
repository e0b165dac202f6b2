import type { Clock } from "@vivified/runtime";
import type { Db } from "../../database/open-database.ts";
import type { AlertRule, Finding } from "../finding.ts";
import { type RecordsOfRule, recordsOfRule } from "./records-of-rule.ts";

const rules = ["mesh.join_token_reused"];
const lookBackMs = 7 * 24 * 60 * 60 * 1000;

/** A join token was shown twice: whoever was first may be somebody else. It ends once acknowledged. */
export function joinTokenReused(db: Db, clock: Clock): AlertRule {
  const since = () => new Date(clock.now().getTime() - lookBackMs);
  const look = async () => (await recordsOfRule(db, { rules, since: since(), lane: "mesh" })).map(findingOf);
  return { name: "join_token_reused", look, ends: "acknowledged", all: "`vivified decisions search --lane mesh`" };
}

function findingOf({ resource, count, latest }: RecordsOfRule): Finding {
  const message = `A join token of ${resource} was shown after it was used, ${count} times within seven days`;
  const told = { severity: "high", message, evidenceAt: latest, labels: { refused: String(count) } } as const;
  return { rule: "join_token_reused", subject: resource, anyName: true, ...told };
}
