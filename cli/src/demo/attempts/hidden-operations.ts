import { isJsonObject } from "@vivified/contracts";
import { claim } from "../claim.ts";
import type { StoryOfUser } from "../story.ts";
import { type Attempt, because, refusedBy } from "./attempt.ts";

/** An operation that is not granted and one that does not exist: same answer, different records. */
export const hiddenOperations: Attempt = {
  title: "an operation that was not granted, and one that does not exist",
  run: async (story) => {
    const ungranted = await call(story, "email-gateway/send_email", "rpc.not_granted");
    const absent = await call(story, "payroll/pay_me", "rpc.unknown_operation");
    claim(ungranted.told === absent.told, `both get the same answer:\n${ungranted.told}\n${absent.told}`);
    for (const { tried, told, why } of [ungranted, absent]) story.tell.refused({ tried, cameBack: told, why });
  },
};

async function call(story: StoryOfUser, operation: string, rule: string) {
  const path = `/gateway/${operation}`;
  const headers = { "content-type": "application/json" };
  const answer = await story.newsletter.obey({
    do: "raw",
    method: "POST",
    path,
    headers,
    body: '{"to":"a@b.example"}',
  });
  const { trace_id, status, told } = withoutIds(answer.ok);
  const row = await refusedBy(rule, { ...answer, trace_id }, story);
  return { tried: `POST ${path}`, told: `${status} ${told}`, why: because(row) };
}

/** Two ids are all that may differ between two answers. */
function withoutIds(reply: unknown): { trace_id: string; status: number; told: string } {
  const { status, body } = reply as { status: number; body: string };
  const problem: unknown = JSON.parse(body);
  claim(isJsonObject(problem as never), "the answer is a problem document");
  const { decision_id: _decision, trace_id, ...told } = problem as Record<string, unknown>;
  return { trace_id: String(trace_id), status, told: JSON.stringify(told) };
}
