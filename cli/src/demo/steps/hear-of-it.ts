import { claim } from "../claim.ts";
import { rulesOf, type StoryOfUser, untilDecision, untilDone } from "../story.ts";

/** Each subscriber's delivery is a decision of its own: two get the event, `newsletter` does not, and that is a record. */
export async function hearOfIt(story: StoryOfUser): Promise<void> {
  const { traceId: trace_id, tell, newsletter } = story;
  const of = (target: string) => ({ trace_id, action: "deliver", target });
  for (const target of ["user-management", "workflow-orchestrator"]) {
    const delivered = await untilDone(story, of(target), { resource: "UserCreated" });
    claim(delivered.effect !== "deny", `${target} received UserCreated`);
    tell.decided(delivered);
  }
  const withheld = await untilDecision(story, of("newsletter"), { resource: "UserCreated" });
  claim(withheld.effect === "deny" && rulesOf(withheld).includes("events.receiver_trait"), "newsletter is denied it");
  tell.decided(withheld);
  const { ok } = await newsletter.obey({ do: "received" });
  claim(Array.isArray(ok) && ok.length === 0, "newsletter received nothing");
  tell.say("newsletter says what reached it: nothing.");
}
