import { claim } from "../claim.ts";
import { type StoryOfUser, untilDone } from "../story.ts";

/** The workflow says that it is done, and hears that the mail went out. */
export async function complete(story: StoryOfUser): Promise<void> {
  const { traceId: trace_id, tell } = story;
  const published = await untilDone(story, { trace_id, action: "publish" }, { resource: "OnboardingCompleted" });
  claim(published.caller === "workflow-orchestrator", "it was published");
  tell.decided(published);
  const heard = await untilDone(story, { trace_id, action: "deliver" }, { resource: "EmailSent" });
  claim(heard.target === "workflow-orchestrator", "the workflow heard EmailSent");
  tell.decided(heard);
}
