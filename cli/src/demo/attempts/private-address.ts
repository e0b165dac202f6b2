import { claim } from "../claim.ts";
import { names } from "../outside-world/outside-world.ts";
import { type Attempt, because, cameBack, refusedBy } from "./attempt.ts";

/** A destination that was granted, whose name leads to an address inside. */
export const privateAddress: Attempt = {
  title: "a host name that resolves to a private address",
  run: async (story) => {
    const answer = await story.newsletter.obey({ do: "proxy", url: `https://${names.intranet}/` });
    claim(answer.error?.code === "unsafe_address", "the egress lane refuses the address");
    const row = await refusedBy("egress.unsafe_address", answer, story);
    claim(story.world.names.asked.includes(names.intranet), "the name was resolved, so it was the address");
    const tried = `GET https://${names.intranet}/ (granted by name; it resolves to 10.0.0.7)`;
    story.tell.refused({ tried, cameBack: cameBack(answer), why: because(row) });
  },
};
