import type { Clock } from "@vivified/runtime";
import type { Db } from "../../database/open-database.ts";
import type { AlertRule, Finding } from "../finding.ts";

const dayMs = 24 * 60 * 60 * 1000;

/** Whoever is not reached over one channel may be over another. */
export function undeliveredFinding(channel: string, evidenceAt: Date): Finding {
  const message = `Alerts were given up that could not be delivered over ${channel}`;
  return { rule: "alert_undelivered", subject: channel, severity: "high", message, evidenceAt };
}

/** Notices were given up within a day. Giving one up opens the alert; this goes on with it, and ends it. */
export function undeliveredAlerts(db: Db, clock: Clock): AlertRule {
  const look = async () => {
    const rows = await db
      .selectFrom("alert_deliveries")
      .select(({ fn }) => ["channel", fn.max("dead_at").as("latest")])
      .where("dead_at", ">=", new Date(clock.now().getTime() - dayMs))
      .groupBy("channel")
      .execute();
    return rows.map(({ channel, latest }) => undeliveredFinding(channel, latest ?? clock.now()));
  };
  return { name: "alert_undelivered", look, ends: dayMs };
}
