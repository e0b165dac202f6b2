import { isJsonObject, type JsonObject, type RunningPlugin, startPlugin } from "@vivified/sdk";
import {
  callOperation,
  deliverEvent,
  type LaneStandIn,
  openLaneStandIn,
  problem,
  type StandInRequest,
} from "@vivified/sdk/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { WorkflowConfig } from "./config.ts";
import { workflowOrchestrator } from "./plugin.ts";

const getProfile = "POST /gateway/user-management/get_user_extended";
const sendEmail = "POST /gateway/email-gateway/send_email";
const ada = { user_id: "u-1", username: "ada", email: "ada@demo.example", full_name: "Ada Lovelace" };
const preferencesUrl = "http://api.preferences.example:8080/v1/preferences";

let lane: LaneStandIn;
let plugin: RunningPlugin<WorkflowConfig>;

beforeEach(async () => {
  lane = await openLaneStandIn();
  lane.answer(getProfile, () => ({ status: 200, body: { ...ada, created_at: "2026-11-21T00:00:00Z" } }));
  lane.answer(sendEmail, () => ({ status: 200, body: { status: "sent", email_id: "m-1" } }));
  plugin = await start();
});

afterEach(async () => {
  await plugin[Symbol.asyncDispose]();
  await lane[Symbol.asyncDispose]();
});

describe("onboarding", () => {
  it("greets a new user, sets preferences and says that it is done", async () => {
    expect(await deliver()).toMatchObject({ status: 204 });
    const mail = {
      to: ada.email,
      template: "welcome",
      variables: { name: ada.full_name },
      idempotency_key: "welcome:u-1",
    };
    expect(bodies(sendEmail)).toEqual([mail]);
    expect(bodies("POST /proxy")).toMatchObject([{ url: preferencesUrl, method: "POST", body: { user_id: "u-1" } }]);
    const steps_completed = ["get_profile", "send_welcome", "set_preferences"];
    expect(lane.published("OnboardingCompleted")).toEqual([{ user_id: "u-1", steps_completed }]);
    expect(await state()).toEqual({ user_id: "u-1", status: "completed", steps_completed, warnings: [] });
  });

  it("is one trace from the event to the last call", async () => {
    await deliver({ traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` });
    const lanes = lane.requests().filter(({ path }) => /^\/(gateway|proxy|events)/.test(path));
    expect(new Set(lanes.map(({ headers }) => headers.traceparent?.slice(3, 35)))).toEqual(new Set(["a".repeat(32)]));
    expect(lanes).toHaveLength(4);
  });

  it("waits for a profile that is not there yet", async () => {
    let asked = 0;
    lane.answer(getProfile, () => {
      asked += 1;
      return asked < 4 ? { status: 404, body: { error: "not_found", message: "there is no such user" } } : ok();
    });
    expect(await deliver()).toMatchObject({ status: 204 });
    expect(asked).toBe(4);
    expect(lane.published("OnboardingCompleted")).toHaveLength(1);
  });

  it("is done once, however often the event comes and whatever its id", async () => {
    await deliver();
    await deliver();
    await restart();
    await deliver();
    expect(lane.published("OnboardingCompleted")).toHaveLength(1);
    expect(bodies(sendEmail)).toHaveLength(1);
  });

  it("goes on where it is worth it after a failure that may pass", async () => {
    lane.answer(sendEmail, () => problem({ status: 503, code: "target_unavailable", retryable: true }));
    expect(await deliver()).toMatchObject({ status: 500 });
    expect(await state()).toMatchObject({ status: "running" });
    expect(lane.published("WorkflowFailed")).toEqual([]);
    lane.answer(sendEmail, () => ({
      status: 200,
      body: { status: "skipped", email_id: "m-1", reason: "already_sent" },
    }));
    expect(await deliver()).toMatchObject({ status: 204 });
    expect(await state()).toMatchObject({ status: "completed" });
  });

  it("ends at the eighth failure, saying at which step", async () => {
    lane.answer(sendEmail, () => problem({ status: 502, code: "target_failed", retryable: true }));
    const statuses = [];
    for (let attempt = 1; attempt <= 8; attempt += 1) statuses.push((await deliver()).status);
    expect(statuses).toEqual([500, 500, 500, 500, 500, 500, 500, 204]);
    expect(lane.published("WorkflowFailed")).toEqual([
      { user_id: "u-1", step: "send_welcome", reason: "target_failed" },
    ]);
    expect(await state()).toMatchObject({ status: "failed", failed_step: "send_welcome" });
  });

  it.each([
    ["get_profile", getProfile, problem({ status: 403, code: "denied", retryable: false }), "denied"],
    ["get_profile", getProfile, problem({ status: 404, code: "not_found", retryable: false }), "not_found"],
    ["get_profile", getProfile, { status: 200, body: { email: 7 } }, "internal"],
    ["send_welcome", sendEmail, { status: 422, body: { error: "invalid", message: "/to" } }, "invalid"],
  ])("ends at once when %s will not work out (%#)", async (step, endpoint, answer, reason) => {
    lane.answer(endpoint, () => answer);
    expect(await deliver()).toMatchObject({ status: 204 });
    expect(lane.published("WorkflowFailed")).toEqual([{ user_id: "u-1", step, reason }]);
    expect(lane.published("OnboardingCompleted")).toEqual([]);
  });

  it("takes preferences that could not be set as a warning", async () => {
    lane.answer("POST /proxy", () =>
      problem({ status: 502, code: "upstream_failed", retryable: true, upstream_status: 500 }),
    );
    await deliver();
    const steps_completed = ["get_profile", "send_welcome"];
    const warnings = ["set_preferences: upstream_failed"];
    expect(lane.published("OnboardingCompleted")).toEqual([{ user_id: "u-1", steps_completed, warnings }]);
  });

  it("announces with a key, so that a repeated announcement is one event", async () => {
    lane.answer("PUT /storage/kv/onboarding%3Au-1", completedIsLost());
    expect(await deliver()).toMatchObject({ status: 500 });
    lane.answer("PUT /storage/kv/onboarding%3Au-1", () => undefined);
    expect(await deliver()).toMatchObject({ status: 204 });
    const keys = lane.requests("POST /events/publish").map(({ headers }) => headers["idempotency-key"]);
    expect(keys).toEqual(["onboarding-completed:u-1", "onboarding-completed:u-1"]);
  });

  it("does nothing while its own state cannot be read", async () => {
    lane.answer("GET /storage/kv/onboarding%3Au-1", () =>
      problem({ status: 503, code: "core_unavailable", retryable: true }),
    );
    expect(await deliver()).toMatchObject({ status: 500 });
    expect(bodies(getProfile)).toEqual([]);
  });

  it("refuses an event without a user, and knows no onboarding of a stranger", async () => {
    expect(await deliverEvent(lane, under(), { type: "UserCreated", data: {}, path: "/events" })).toMatchObject({
      status: 422,
    });
    const stranger = {
      operation: "get_onboarding",
      path: "/operations/get_onboarding",
      payload: { user_id: "nobody" },
    };
    expect(await callOperation(lane, under(), stranger)).toMatchObject({ status: 404 });
  });

  it("hears that mails were sent", async () => {
    await deliverEvent(lane, under(), { type: "EmailSent", data: { email_id: "m-1" }, path: "/events" });
    const page = await fetch(`http://127.0.0.1:${plugin.port}/metrics`);
    expect(await page.text()).toContain("emails_confirmed_count 1");
  });
});

function ok() {
  return { status: 200, body: ada };
}

/** Storage that loses the note that an onboarding was completed. */
function completedIsLost() {
  return ({ body }: StandInRequest) => {
    const value = isJsonObject(body) && isJsonObject(body.value) ? body.value : {};
    return value.status === "completed"
      ? problem({ status: 503, code: "core_unavailable", retryable: true })
      : undefined;
  };
}

function start() {
  const settings = { preferences_url: preferencesUrl };
  const environment = { laneUrl: lane.url, port: 0, settings, trustDomain: "vivified.local", writeLog: () => {} };
  return startPlugin(workflowOrchestrator(), environment);
}

async function restart() {
  await plugin[Symbol.asyncDispose]();
  plugin = await start();
}

function under() {
  return { id: "workflow-orchestrator", port: plugin.port };
}

function deliver(headers: Record<string, string> = {}) {
  return deliverEvent(lane, under(), { type: "UserCreated", data: { ...ada }, path: "/events", headers });
}

function bodies(endpoint: string): readonly JsonObject[] {
  return lane
    .requests(endpoint)
    .map(({ body }) => body)
    .filter(isJsonObject);
}

async function state() {
  const ask = { operation: "get_onboarding", path: "/operations/get_onboarding", payload: { user_id: "u-1" } };
  return (await callOperation(lane, under(), ask)).body;
}
