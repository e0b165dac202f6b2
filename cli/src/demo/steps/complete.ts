import { claim } from "../claim.ts";
import { type StoryOfUser, untilOutcome } from "../story.ts";

/** The workflow says that it is done, and hears that the mail went out. */
export async function complete(story: StoryOfUser): Promise<void> {
  const { traceId: trace_id, tell } = story;
  const published = await untilOutcome(story, { trace_id, action: "publish" }, { resource: "OnboardingCompleted" });
  claim(published.caller === "workflow-orchestrator" && published.outcome?.outcome === "done", "it was published");
  tell.decided(published);
  const heard = await untilOutcome(story, { trace_id, action: "deliver" }, { resource: "EmailSent" });
  claim(heard.target === "workflow-orchestrator" && heard.outcome?.outcome === "done", "the workflow heard EmailSent");
  tell.decided(heard);
}
