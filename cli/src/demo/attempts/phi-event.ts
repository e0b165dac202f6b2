import { claim } from "../claim.ts";
import { type Attempt, because, cameBack, refusedBy } from "./attempt.ts";

/** An event with health data, from a plugin that may publish the type but is not cleared for what it carries. */
export const phiEvent: Attempt = {
  title: "publishing an event with health data",
  run: async (story) => {
    const payload = { patient_id: "p-17", diagnosis: "none of its business" };
    const answer = await story.newsletter.obey({ do: "publish", type: "PatientDataUpdated", payload });
    claim(answer.error?.status === 403, "the publish lane refuses it");
    const row = await refusedBy("events.publisher_trait", answer, story);
    story.tell.refused({ tried: "publish PatientDataUpdated", cameBack: cameBack(answer), why: because(row) });
  },
};
