import { until } from "../../platform/until.ts";
import { claim } from "../claim.ts";
import { names, outsideAddress } from "../outside-world/outside-world.ts";
import { type StoryOfUser, untilDecision, untilDone } from "../story.ts";

/** The workflow calls an HTTP API outside. Its address is not public, so it takes a grant that says `insecure`. */
export async function setPreferences(story: StoryOfUser): Promise<void> {
  const { traceId: trace_id, tell, world, user } = story;
  const resource = `http://${names.preferences}:${world.preferences.port}`;
  const connected = await untilDone(story, { trace_id, action: "connect" }, { resource });
  const returned = await untilDecision(story, { trace_id, action: "return" }, { resource });
  claim(returned.effect !== "deny", "the preferences API was called");
  tell.decided(connected);
  tell.decided(returned);
  const mine = async () => world.preferences.requests.find(({ body }) => body.includes(user.id));
  const request = await until("the preferences API got no request", mine, { timeoutMs: 10_000 });
  claim(request.headers["x-proxy-plugin"] === "workflow-orchestrator", "it is told for whom the platform calls");
  claim(request.headers.authorization === undefined, "no credential leaves");
  tell.say(
    `The API got ${request.method} ${request.path}. (It stands at ${outsideAddress}, no public address: dev mode lets a grant allow that.)`,
  );
  tell.quote(request.body);
}
