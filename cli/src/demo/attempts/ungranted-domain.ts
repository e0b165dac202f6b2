import { claim } from "../claim.ts";
import { type Attempt, because, cameBack, refusedBy } from "./attempt.ts";

const host = "collector.elsewhere.example";

/** A destination that nobody granted. Its name is not even looked up: name servers would hear the question. */
export const ungrantedDomain: Attempt = {
  title: "a domain that was not granted",
  run: async (story) => {
    const answer = await story.newsletter.obey({
      do: "proxy",
      url: `https://${host}/collect`,
      method: "POST",
      body: { a: 1 },
    });
    claim(answer.error?.status === 403, "the egress lane refuses it");
    const row = await refusedBy("egress.not_granted", answer, story);
    claim(!story.world.names.asked.includes(host), "the name was not resolved");
    story.tell.refused({ tried: `POST https://${host}/collect`, cameBack: cameBack(answer), why: because(row) });
  },
};
