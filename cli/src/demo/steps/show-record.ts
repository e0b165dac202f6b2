import type { DecisionRow } from "@vivified/contracts";
import { decisionTable } from "../../terminal/decision-table.ts";
import { readablePeople } from "../../terminal/readable-people.ts";
import { claim } from "../claim.ts";
import { decisions, type StoryOfUser } from "../story.ts";

/** The access decision about a read, and that the log was read. */
const isOwnRead = ({ action, reasons }: DecisionRow): boolean =>
  action.startsWith("GET ") || reasons.some(({ rule }) => rule === "audit.read" || rule === "audit.read_again");

/** All of it read back from core: nothing above was printed from anywhere else. */
export async function showRecord(story: StoryOfUser): Promise<void> {
  const { tell, traceId, platform } = story;
  const all = await decisions(story);
  const rows = all.filter((row) => !isOwnRead(row));
  const joined = rows.filter(({ trace_id }) => trace_id === traceId);
  claim(joined.length >= 10, "one trace joins the whole onboarding");
  tell.say(decisionTable(rows.map(await readablePeople(platform.api))));
  const refused = rows.filter(({ effect }) => effect === "deny").length;
  tell.say(
    `\n${rows.length} decisions, ${refused} of them refusals. Trace ${traceId} joins ${joined.length}: the onboarding.`,
  );
  tell.say(
    `${all.length - rows.length} more are this demo's own reads of core's API, which are decided and recorded too.`,
  );
}
