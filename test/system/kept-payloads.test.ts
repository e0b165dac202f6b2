import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "@vivified/cli";
import type { ForgetReply, KeptPayloadRule, OpenedPayload } from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Command, createUser, type DevEnv, decision, type NewUser, openDevEnv } from "../src/index.ts";

const rule: KeptPayloadRule = {
  entrypoint: "rpc/reply",
  resource: "user-management.get_user",
  fields: ["/email"],
  subject: "/user_id",
};

describe("an operator who keeps a part of payloads", () => {
  let env: DevEnv;
  let created: NewUser;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "viv-forgetting-"));
    env = await openDevEnv({ coreSettings: { AUDIT_LOG_INTERVAL_MS: "500" } });
    created = await createUser(env.platform);
    await env.platform.api.call("PUT", "/admin/kept-payloads", { rules: [rule] });
  });
  afterAll(async () => {
    await env?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

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

  /** Runs `vivified audit …`: its exit code, and what it printed. */
  async function audit(...args: readonly string[]) {
    const command = new Command(["audit", ...args]);
    return { code: await command.exit(), output: command.output };
  }
  const at = (name: string) => join(folder, name);
  const home = () => ["--home", env.platform.home.path];
  const key = () => ["--key", env.platform.home.at("keys/audit-log.vkey")];

  async function exported(name: string): Promise<string> {
    const made = await audit("export", "--format", "bundle", "-o", at(name), ...home());
    expect(made.code, made.output).toBe(0);
    return at(name);
  }

  it("forgets with every proof of the log as valid as before, and the log the same up to there", async () => {
    const subject = await createUser(env.platform);
    const id = await keptDecision(subject.user.id);
    const proved = async () => (await audit("prove", id, "-o", at("one"), ...home())).code === 0 || undefined;
    await until("nothing proves the record", proved, { timeoutMs: 60_000 });
    await copyFile(env.platform.home.at("audit-log/checkpoint"), at("kept"));
    const before = await exported("before.tar.gz");
    const body = { subject: subject.user.id };
    expect(await env.platform.api.call("POST", "/admin/audit/forget", body)).toMatchObject({ destroyed: true });
    await expect(open(id)).rejects.toMatchObject({ status: 404 });
    const sizeOf = async (checkpoint: string) => Number((await readFile(checkpoint, "utf8")).split("\n")[1]);
    const told = async () =>
      (await sizeOf(env.platform.home.at("audit-log/checkpoint"))) > (await sizeOf(at("kept"))) || undefined;
    await until("the log does not go on", told, { timeoutMs: 60_000 });

    const after = await exported("after.tar.gz");
    for (const [path, ...more] of [
      [before],
      [at("one.json"), "--proof", at("one.tlog-proof")],
      [after, "--checkpoint", at("kept")],
    ] as const) {
      const verified = await audit("verify", path, ...more, ...key());
      expect(verified, verified.output).toMatchObject({ code: 0, output: expect.stringContaining("verified") });
    }
    expect((await audit("prove", id, "-o", at("again"), ...home())).code).toBe(0);
    expect(await readFile(at("again.json"), "utf8")).toBe(await readFile(at("one.json"), "utf8"));
  }, 240_000);
});
