import { type Answer, until } from "@vivified/cli";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser, type DevEnv, decisions, done, grantMore, openDevEnv } from "../src/index.ts";

/** Parts die and come back; what was answered stays recorded, once. */
describe("a platform whose parts crash", () => {
  let env: DevEnv;

  beforeAll(async () => {
    env = await openDevEnv();
    await grantMore(env);
    await until("the new grant is not in force", async () => ((await call()).ok === undefined ? undefined : true), {
      timeoutMs: 10_000,
    });
  });
  afterAll(() => env?.[Symbol.asyncDispose]());

  /** A call that touches Envoys, gateway, policy, record and another plugin, but neither core nor its database. */
  const call = (): Promise<Answer> =>
    env.newsletter.obey({ do: "call", plugin: "email-gateway", operation: "receive_messages" });

  /** Calls without a pause until told to stop. */
  function keepCalling() {
    const answers: Answer[] = [];
    const stopping = new AbortController();
    const calling = (async () => {
      while (!stopping.signal.aborted) answers.push(await call());
    })();
    return {
      answers,
      stop: async () => {
        stopping.abort();
        await calling;
        return answers;
      },
    };
  }

  /** How often each answered call stands in the log: `invoke` and `reply`, each once. */
  async function recordsOf(answers: readonly Answer[]): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { trace_id } of answers) {
      const found = async () => {
        const rows = await decisions(env.platform, { trace_id });
        return rows.length >= 2 ? rows : undefined;
      };
      const rows = await until(`call ${trace_id} is not in the log`, found, { timeoutMs: 30_000 });
      const key = rows
        .map(({ action }) => action)
        .sort()
        .join("+");
      counts[key] = (counts[key] ?? 0) + 1;
    }
    return counts;
  }

  it("keeps its lanes while core is killed in the middle, and loses and doubles no record", async () => {
    const calls = keepCalling();
    await until("calls go through", async () => calls.answers.length > 20 || undefined, { timeoutMs: 20_000 });
    {
      await using _outage = await env.platform.processes.core.hold();
      const before = calls.answers.length;
      await until("calls go through without core", async () => calls.answers.length > before + 50 || undefined, {
        timeoutMs: 20_000,
      });
    }
    const answers = await calls.stop();
    expect(answers.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(await recordsOf(answers)).toEqual({ "invoke+reply": answers.length });
  });

  it("publishes what core had promised when it was killed right after", async () => {
    const user = await env.platform.api.createUser(anybody());
    await (await env.platform.processes.core.hold())[Symbol.asyncDispose]();
    const mailed = async () => env.world.mail.caught.filter(({ to }) => to.includes(user.email));
    await until("no mail was sent", async () => ((await mailed()).length > 0 ? true : undefined), {
      timeoutMs: 30_000,
    });
    expect(await mailed()).toHaveLength(1);
  });

  it("keeps its lanes while the database is down; blocks wait, and none is lost or doubled", async () => {
    const { postgres } = env.platform.processes;
    if (postgres === undefined) throw new Error("this suite runs its own database");
    const calls = keepCalling();
    {
      await using _outage = await postgres.hold();
      await until("calls go through without the database", async () => calls.answers.length > 50 || undefined, {
        timeoutMs: 20_000,
      });
      await expect(env.platform.api.call("GET", "/admin/users")).rejects.toMatchObject({ status: 503 });
    }
    const answers = await calls.stop();
    expect(answers.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(await recordsOf(answers)).toEqual({ "invoke+reply": answers.length });
  });

  it("refuses on every lane while NATS is down, does nothing meanwhile, and recovers by itself", async () => {
    const asked = env.world.names.asked.length;
    {
      await using _outage = await env.platform.processes.nats.hold();
      const [called, published, proxied] = await Promise.all([
        call(),
        env.newsletter.obey({ do: "publish", type: "PatientDataUpdated", payload: { patient_id: "p" } }),
        env.newsletter.obey({ do: "proxy", url: "https://intranet.demo.example/" }),
      ]);
      for (const { error } of [called, published, proxied]) expect(error).toMatchObject({ status: 503 });
      expect(env.world.names.asked).toHaveLength(asked);
    }
    await until("the lanes did not recover", async () => ((await call()).error === undefined ? true : undefined), {
      timeoutMs: 30_000,
    });
    const { traceId } = await createUser(env.platform);
    await done(env.platform, { trace_id: traceId, action: "publish" }, { resource: "OnboardingCompleted" });
  });

  it("keeps its routes while the control plane is killed, and takes changes when it is back", async () => {
    const calls = keepCalling();
    {
      await using _outage = await env.platform.processes["control-plane"].hold();
      const before = calls.answers.length;
      await until("calls go through", async () => calls.answers.length > before + 50 || undefined, {
        timeoutMs: 20_000,
      });
    }
    const answers = await calls.stop();
    expect(answers.filter(({ error }) => error !== undefined)).toEqual([]);
    await env.platform.api.call("POST", "/admin/plugins/newsletter/disable");
    await until("newsletter was not cut off", async () => ((await call()).error === undefined ? undefined : true), {
      timeoutMs: 10_000,
    });
    await env.platform.api.call("POST", "/admin/plugins/newsletter/enable");
    await until("newsletter did not come back", async () => ((await call()).error === undefined ? true : undefined), {
      timeoutMs: 10_000,
    });
  });

  it("brings a plugin and its Envoy back after each was killed", async () => {
    const plugin = env.platform.plugins.get("email-gateway");
    if (plugin === undefined) throw new Error("email-gateway does not run");
    for (const part of [plugin.process, plugin.agent]) {
      await (await part.hold())[Symbol.asyncDispose]();
      await until(
        `${part.name} did not come back`,
        async () => ((await call()).error === undefined ? true : undefined),
        { timeoutMs: 20_000 },
      );
    }
  });
});

function anybody() {
  const username = `lin-${Date.now().toString(36)}`;
  return { username, email: `${username}@demo.example`, full_name: "Lin Clark" };
}
