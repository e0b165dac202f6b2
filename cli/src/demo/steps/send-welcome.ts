import { until } from "../../platform/until.ts";
import { claim } from "../claim.ts";
import type { CaughtMail } from "../outside-world/mail-catcher.ts";
import { type StoryOfUser, untilDecision, untilDone } from "../story.ts";

/** The workflow asks who the user is, and has a mail sent to them: over rpc, rpc again, and egress to a real SMTP server. */
export async function sendWelcome(story: StoryOfUser): Promise<void> {
  const { traceId: trace_id, tell, user } = story;
  for (const resource of ["user-management.get_user_extended", "email-gateway.send_email"]) {
    const invoked = await untilDone(story, { trace_id, action: "invoke" }, { resource });
    const replied = await untilDecision(story, { trace_id, action: "reply" }, { resource });
    claim(invoked.effect !== "deny" && replied.effect !== "deny", `the workflow calls ${resource}`);
    tell.decided(invoked);
    tell.decided(replied);
  }
  const connected = await untilDone(story, { trace_id, action: "connect", caller: "email-gateway" }, {});
  tell.decided(connected);
  const { mail } = await untilCaught(story, user.email);
  tell.say("The mail catcher outside got:");
  tell.quote(`From: ${mail.from?.address}\nTo: ${mail.to?.[0]?.address}\nSubject: ${mail.subject}\n\n${mail.text}`);
}

async function untilCaught({ world }: StoryOfUser, address: string): Promise<CaughtMail> {
  const mine = () => world.mail.caught.filter(({ to }) => to.includes(address));
  const mail = await until("no mail arrived", async () => mine()[0], { timeoutMs: 10_000 });
  claim(mine().length === 1, "exactly one mail arrived");
  return mail;
}
