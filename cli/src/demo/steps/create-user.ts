import { randomBytes } from "node:crypto";
import { readablePeople } from "../../terminal/readable-people.ts";
import { claim } from "../claim.ts";
import { type Story, type StoryOfUser, untilDecision, untilDone } from "../story.ts";

/** An admin logs in and creates a user; core publishes `UserCreated` over the publish lane. */
export async function createUser(story: Story): Promise<StoryOfUser> {
  const { platform, tell } = story;
  const { token_type, expires_in } = await platform.api.login();
  tell.say(`POST /auth/login as ${platform.admin.username}: a ${token_type} token for ${expires_in / 60} minutes`);
  const name = `ada-${randomBytes(3).toString("hex")}`;
  const person = {
    full_name: "Ada Lovelace",
    email: `${name}@demo.example`,
    department: "Engines",
    manager: "C. Babbage",
  };
  const user = await platform.api.createUser({ username: name, ...person });
  tell.say(`POST /admin/users: ${user.username} <${user.email}>`);
  const created = await untilDecision(story, { action: "create user" }, { resource: `user ${user.id}` });
  const traceId = created.trace_id;
  const published = await untilDone(story, { trace_id: traceId, action: "publish" }, { resource: "UserCreated" });
  claim(published.caller === "core", "core published UserCreated");
  tell.decided((await readablePeople(platform.api))(created));
  tell.decided(published);
  tell.say(`Everything that follows from it carries trace ${traceId}.`);
  return { ...story, user, traceId };
}
