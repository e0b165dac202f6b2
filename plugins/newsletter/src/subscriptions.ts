import { createHash } from "node:crypto";
import { type JsonObject, Refusal, type Storage } from "@vivified/sdk";

/**
 * Notes who wants to read about what, and answers with what it was told: for this plugin an address that policy
 * redacted is an address like any other.
 *
 * @throws Refusal `invalid`
 */
export async function subscribe(
  { email, topic }: JsonObject,
  storage: Pick<Storage, "put" | "get">,
): Promise<JsonObject> {
  if (typeof email !== "string" || email === "") throw new Refusal("invalid", "/email: must be given");
  if (typeof topic !== "string" || topic === "") throw new Refusal("invalid", "/topic: must be given");
  await storage.put(`subscriber:${digest([email, topic])}`, { email, topic });
  const topics = await readTopics(storage);
  if (!topics.includes(topic)) await storage.put("topics", [...topics, topic]);
  return { status: "subscribed", topic, email };
}

export async function getTopics(storage: Pick<Storage, "get">): Promise<JsonObject> {
  return { topics: await readTopics(storage) };
}

async function readTopics(storage: Pick<Storage, "get">): Promise<readonly string[]> {
  const topics = await storage.get("topics");
  return Array.isArray(topics) ? topics.filter((topic) => typeof topic === "string") : [];
}

function digest(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
