import { until } from "@vivified/cli";
import { Agent, request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser, type DevEnv, decisions, done, openDevEnv } from "../src/index.ts";

describe("two platforms on one machine", () => {
  let one: DevEnv;
  let other: DevEnv;

  beforeAll(async () => {
    const started = await Promise.allSettled([openDevEnv(), openDevEnv()]);
    const [first, second] = started.map((each) => (each.status === "fulfilled" ? each.value : undefined));
    if (first === undefined || second === undefined) {
      await first?.[Symbol.asyncDispose]();
      await second?.[Symbol.asyncDispose]();
      throw new Error(JSON.stringify(started.map((each) => String(each.status === "rejected" ? each.reason : ""))));
    }
    one = first;
    other = second;
  });
  afterAll(async () => {
    await Promise.all([one?.[Symbol.asyncDispose](), other?.[Symbol.asyncDispose]()]);
  });

  it("have different homes, ports and users", () => {
    const users = (env: DevEnv) => [...env.platform.plugins.values()].map(({ user }) => user).filter(Boolean);
    const ports = (env: DevEnv) => [...env.platform.plugins.values()].flatMap((plugin) => Object.values(plugin.ports));
    expect(one.platform.home.path).not.toBe(other.platform.home.path);
    expect(one.platform.apiUrl).not.toBe(other.platform.apiUrl);
    expect(users(one).filter((user) => users(other).includes(user))).toEqual([]);
    expect(ports(one).filter((port) => ports(other).includes(port))).toEqual([]);
  });

  it("work side by side and know nothing of each other", async () => {
    const created = await Promise.all([createUser(one.platform), createUser(other.platform)]);
    await Promise.all(
      [one, other].map((env, index) =>
        done(
          env.platform,
          { trace_id: created[index]?.traceId ?? "", action: "publish" },
          { resource: "OnboardingCompleted" },
        ),
      ),
    );
    expect(await decisions(one.platform, { trace_id: created[1]?.traceId ?? "" })).toEqual([]);
    for (const [index, env] of [one, other].entries()) {
      expect(env.world.mail.caught.map(({ to }) => to[0])).toEqual([created[index]?.user.email]);
    }
  });

  it("do not believe each other's admins", async () => {
    const { access_token } = await one.platform.api.login();
    const reply = await until("no answer", () => ask(other.platform.apiUrl, access_token), { timeoutMs: 5_000 });
    expect(reply).toBe(401);
  });
});

async function ask(apiUrl: string, token: string): Promise<number> {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  const { statusCode, body } = await request(`${apiUrl}/admin/users`, {
    dispatcher,
    headers: { authorization: `Bearer ${token}` },
  });
  await body.dump();
  await dispatcher.destroy();
  return statusCode;
}
