import { claim } from "../claim.ts";
import { type Attempt, because, refusedBy } from "./attempt.ts";

/** An event in another's name, past the SDK. */
export const forgedSource: Attempt = {
  title: "claiming to be another plugin",
  run: async (story) => {
    const event = {
      event_type: "OnboardingCompleted",
      payload: { user_id: story.user.id },
      source_plugin: "workflow-orchestrator",
    };
    const headers = { "content-type": "application/json" };
    const order = { do: "raw", method: "POST", path: "/events/publish", headers, body: JSON.stringify(event) };
    const answer = await story.newsletter.obey(order);
    const { status, body } = answer.ok as { status: number; body: string };
    const { code, trace_id } = JSON.parse(body) as { code: string; trace_id: string };
    claim(status === 403 && code === "source_mismatch", "the publish lane refuses it");
    const row = await refusedBy("events.source_forged", { ...answer, trace_id }, story);
    const tried = "publish OnboardingCompleted with source_plugin workflow-orchestrator";
    story.tell.refused({ tried, cameBack: `${status} ${code}`, why: because(row) });
  },
};
