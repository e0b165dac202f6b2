import { isJsonObject } from "@vivified/contracts";
import { claim } from "../claim.ts";
import { type StoryOfUser, untilDecision } from "../story.ts";

/** `newsletter` calls an operation that it was granted, and sees the personal fields redacted. */
export async function readAsNewsletter(story: StoryOfUser): Promise<void> {
  const { newsletter, user, tell } = story;
  const order = { do: "call", plugin: "user-management", operation: "get_user", payload: { user_id: user.id } };
  const { ok, trace_id } = await newsletter.obey(order);
  claim(isJsonObject(ok) && ok.user_id === user.id, "newsletter may call get_user");
  claim(ok.email === "REDACTED", "it sees no address");
  claim(!JSON.stringify(ok).includes("Ada"), "it sees no name");
  tell.say(`newsletter calls user-management.get_user, which it was granted, and sees: ${JSON.stringify(ok)}`);
  tell.decided(await untilDecision(story, { trace_id, action: "reply" }, { resource: "user-management.get_user" }));
}
