import { until } from "@vivified/cli";
import type { ForgetReply, KeptPayloadRule, OpenedPayload } from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser, type DevEnv, decision, type NewUser, openDevEnv } from "../src/index.ts";

const rule: KeptPayloadRule = {
  entrypoint: "rpc/reply",
  resource: "user-management.get_user",
  fields: ["/email"],
  subject: "/user_id",
};

describe("an operator who keeps a part of payloads", () => {
  let env: DevEnv;
  let created: NewUser;

  beforeAll(async () => {
    env = await openDevEnv();
    created = await createUser(env.platform);
    await env.platform.api.call("PUT", "/admin/kept-payloads", { rules: [rule] });
  });
  afterAll(() => env?.[Symbol.asyncDispose]());

  /** The decision about a reply with which something was kept; gateways follow rules within moments. */
  const keptDecision = (userId: string) =>
    until("nothing was kept", () => replyWithKept(userId), { timeoutMs: 30_000 });

  async function replyWithKept(userId: string): Promise<string | undefined> {
    const payload = { user_id: userId };
    const call = { do: "call", plugin: "user-management", operation: "get_user", payload };
    const { trace_id } = await env.newsletter.obey(call);
    const { decision_id } = await decision(env.platform, { trace_id, action: "reply" });
    const record = await env.platform.api.call<{ kept?: object }>("GET", `/admin/decisions/${decision_id}`);
    return record.kept && decision_id;
  }

  const open = (id: string) => env.platform.api.call<OpenedPayload>("GET", `/admin/kept-payloads/${id}`);

  it("opens it for as long as the subject is not forgotten, and forgets one without the other", async () => {
    const other = await createUser(env.platform);
    const [mine, others] = [await keptDecision(created.user.id), await keptDecision(other.user.id)];
    expect((await open(mine)).fields).toEqual({ "/email": created.user.email });
    const body = { subject: created.user.id };
    const forgotten = await env.platform.api.call<ForgetReply>("POST", "/admin/audit/forget", body);
    expect(forgotten.destroyed).toBe(true);
    await expect(open(mine)).rejects.toMatchObject({ status: 404 });
    expect((await open(others)).fields).toEqual({ "/email": other.user.email });
    const again = await keptDecision(created.user.id);
    expect((await open(again)).fields).toEqual({ "/email": created.user.email });
    await expect(open(mine)).rejects.toMatchObject({ status: 404 });
  });
});
