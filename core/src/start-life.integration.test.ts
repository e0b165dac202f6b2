import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCoreProcess, TestCore, TestGround } from "./core.fixtures.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
const hookSecret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const webhook = {
  VIVIFIED_CORE_ALERT_WEBHOOK_URL: "https://hooks.example/T0/abc",
  VIVIFIED_CORE_ALERT_WEBHOOK_SECRET: hookSecret,
};

beforeAll(async () => {
  ground = stack.use(await TestGround.open());
});
afterAll(() => stack.disposeAsync());

/** Records of a rule, oldest first. */
async function recordsOf(rule: string, core: TestCore) {
  const token = await core.logIn();
  const { body } = await core.ask(`GET /admin/decisions?rule=${rule}`, { token });
  const ids: string[] = body.decisions.map(({ decision_id }: { decision_id: string }) => decision_id);
  const whole = async (id: string) => (await core.ask(`GET /admin/decisions/${id}`, { token })).body;
  return Promise.all(ids.toReversed().map(whole));
}

describe("a core that starts", () => {
  it("says what it was told before it does anything else, and no secret of it", async () => {
    await using core = await TestCore.start(ground, webhook);
    const [started] = await recordsOf("core.started", core);
    expect(started).toMatchObject({ lane: "core", entrypoint: "recorded", caller: "core", action: "start core" });
    expect(started.labels).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      first: "true",
      configuration: expect.stringMatching(/^[0-9a-f]{64}$/),
      "is.DEV_MODE": "true",
      "is.AUDIT_RETENTION_DAYS": "2557",
      "is.ALERT_WEBHOOK_URL": "https://hooks.example",
      "is.POLICY_KEYS": expect.stringMatching(/^\S+ sha256:[0-9a-f]{64}$/),
      "is.AUDIT_LOG_KEY": expect.stringContaining("vivified.local/audit+"),
      "is.NATS_PASSWORD": "[secret]",
      "is.DATABASE_URL": "[secret]",
    });
    const secrets = [ground.nats.password, ground.env.VIVIFIED_CORE_DATABASE_URL, hookSecret, "T0/abc"];
    for (const secret of secrets) expect(JSON.stringify(started)).not.toContain(secret);
    const token = await core.logIn();
    const all = (await core.ask("GET /admin/decisions?limit=100", { token })).body.decisions;
    expect(all.at(-1).decision_id, "nothing that core did came before").toBe(started.decision_id);
  });

  it("says which settings differ from its last start, and that it had stopped", async () => {
    await using core = await TestCore.start(ground, { VIVIFIED_CORE_AUDIT_RETENTION_DAYS: "40" });
    const [first, second] = await recordsOf("core.started", core);
    expect(second.labels).toMatchObject({
      previous: first.decision_id,
      instance: first.labels.instance,
      changed: "ALERT_WEBHOOK_SECRET,ALERT_WEBHOOK_URL,AUDIT_RETENTION_DAYS",
      "was.AUDIT_RETENTION_DAYS": "2557",
      "is.AUDIT_RETENTION_DAYS": "40",
    });
    expect(second.labels.unclean).toBeUndefined();
    expect(second.labels["is.DEV_MODE"]).toBeUndefined();
    const [stopped] = await recordsOf("core.stopped", core);
    expect(stopped).toMatchObject({ action: "stop core", labels: { started: first.decision_id } });
  });

  it("shows that the one before was killed, and not that one that was asked to end was", {
    timeout: 90_000,
  }, async () => {
    await using killed = (await startCoreProcess(ground)).program;
    await killed.stop("SIGKILL");
    await using ended = (await startCoreProcess(ground)).program;
    await ended.stop("SIGTERM");
    await using core = await TestCore.start(ground);
    const unclean = (await recordsOf("core.started", core)).map(({ labels }) => labels.unclean);
    expect(unclean).toEqual([undefined, undefined, undefined, "true", undefined]);
    expect((await recordsOf("core.stopped", core)).length).toBe(3);
  });

  it("does not start with a key that is none", async () => {
    const wrong = { VIVIFIED_CORE_TOKEN_KEY_FILE: ground.env.VIVIFIED_CORE_POLICY_KEYS_FILE ?? "" };
    await expect(TestCore.start(ground, wrong)).rejects.toMatchObject({ code: "invalid_config" });
  });

  it("records its end, too, when it starts and then finds that it cannot go on", async () => {
    const wrong = { VIVIFIED_CORE_AUDIT_PUSH_OPA_URL: "somewhere" };
    await expect(TestCore.start(ground, wrong)).rejects.toMatchObject({ code: "invalid_config" });
    await using core = await TestCore.start(ground);
    const failed = (await recordsOf("core.started", core)).at(-2);
    expect(failed.labels.changed).toBe("AUDIT_PUSH_OPA_URL");
    expect((await recordsOf("core.stopped", core)).at(-1).labels.started).toBe(failed.decision_id);
  });
});
