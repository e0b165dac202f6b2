import type { Clock } from "@vivified/runtime";
import type { Db } from "../../database/open-database.ts";
import type { AlertRule, Finding } from "../finding.ts";
import { type RecordsOfRule, recordsOfRule } from "./records-of-rule.ts";

const lookBackMs = 7 * 24 * 60 * 60 * 1000;

type Fault = {
  readonly name: "join_token_reused" | "join_token_forged";
  readonly severity: Finding["severity"];
  readonly says: string;
};

/** A join token was shown twice: whoever was first may be somebody else. It ends once acknowledged. */
export const joinTokenReused = (db: Db, clock: Clock): AlertRule =>
  joinTokens({ name: "join_token_reused", severity: "high", says: "after it was used" }, { db, clock });

/** A join token was shown that lies in the bucket and that the platform did not make: somebody writes to NATS. */
export const joinTokenForged = (db: Db, clock: Clock): AlertRule =>
  joinTokens({ name: "join_token_forged", severity: "critical", says: "that is not the platform's" }, { db, clock });

const ruleOf = { join_token_reused: "mesh.join_token_reused", join_token_forged: "mesh.join_token_unsigned" } as const;

function joinTokens(fault: Fault, { db, clock }: { readonly db: Db; readonly clock: Clock }): AlertRule {
  const { name } = fault;
  const look = async () => {
    const until = clock.now();
    const since = new Date(until.getTime() - lookBackMs);
    const found = await recordsOfRule(db, { rules: [ruleOf[name]], since, until, lane: "mesh" });
    return found.map(findingOf(fault));
  };
  return { name, look, ends: "acknowledged", all: "`vivified decisions search --lane mesh`" };
}

function findingOf({ name, severity, says }: Fault): (records: RecordsOfRule) => Finding {
  return ({ resource, count, latest }) => {
    const message = `A join token of ${resource} was shown ${says}, ${count} times within seven days`;
    const told = { severity, message, evidenceAt: latest, labels: { refused: String(count) } };
    return { rule: name, subject: resource, anyName: true, ...told };
  };
}
