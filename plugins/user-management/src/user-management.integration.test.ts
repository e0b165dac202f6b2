import { type RunningPlugin, startPlugin } from "@vivified/sdk";
import { callOperation, deliverEvent, type LaneStandIn, openLaneStandIn, problem } from "@vivified/sdk/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type UserManagementConfig, userManagement } from "./plugin.ts";

const ada = { user_id: "u-1", username: "ada", email: "ada@demo.example", full_name: "Ada Lovelace" };
const work = { department: "Engines", manager: "Charles" };

let lane: LaneStandIn;
let plugin: RunningPlugin<UserManagementConfig>;

beforeAll(async () => {
  lane = await openLaneStandIn();
  const environment = { laneUrl: lane.url, port: 0, settings: {}, trustDomain: "vivified.local", writeLog: () => {} };
  plugin = await startPlugin(userManagement(), environment);
});

afterAll(async () => {
  await plugin[Symbol.asyncDispose]();
  await lane[Symbol.asyncDispose]();
});

describe("user management", () => {
  it("makes a profile of a new user and answers who they are", async () => {
    expect(await deliver({ ...ada, ...work, tenant_id: "default" })).toMatchObject({ status: 204 });
    expect(await call("get_user", { user_id: "u-1" })).toEqual({ status: 200, body: ada });
    const extended = { ...ada, ...work, created_at: "2026-11-21T00:00:00.000Z" };
    expect(await call("get_user_extended", { user_id: "u-1" })).toEqual({ status: 200, body: extended });
    const byId = { operation: "get_user_by_id", method: "GET", path: "/api/users/u-1" };
    expect(await callOperation(lane, under(), byId)).toEqual({ status: 200, body: ada });
  });

  it("keeps the first word of a user whose event comes twice, under whatever event id", async () => {
    await deliver({ ...ada, user_id: "u-2" });
    expect(await deliver({ ...ada, user_id: "u-2", full_name: "Somebody Else" })).toMatchObject({ status: 204 });
    expect(await call("get_user", { user_id: "u-2" })).toMatchObject({ body: { full_name: "Ada Lovelace" } });
  });

  it("says that it does not know a user, or not yet", async () => {
    const body = { error: "not_found", message: "there is no such user" };
    expect(await call("get_user_extended", { user_id: "u-3" })).toEqual({ status: 404, body });
    await deliver({ ...ada, user_id: "u-3" });
    expect(await call("get_user_extended", { user_id: "u-3" })).toMatchObject({ status: 200 });
  });

  it.each([undefined, 7, "", "../secrets", "a/b", "x".repeat(200)])("refuses %j as a user id", async (user_id) => {
    const payload = user_id === undefined ? {} : { user_id };
    expect(await call("get_user", payload)).toMatchObject({ status: 422, body: { error: "invalid" } });
  });

  it("refuses an event without what a profile needs", async () => {
    expect(await deliver({ user_id: "u-4", username: "ada" })).toMatchObject({ status: 422 });
    expect(await call("get_user", { user_id: "u-4" })).toMatchObject({ status: 404 });
  });

  it("wants the event again when the storage is away", async () => {
    lane.answer("PUT /storage/kv/profile%3Au-5", () =>
      problem({ status: 503, code: "core_unavailable", retryable: true }),
    );
    expect(await deliver({ ...ada, user_id: "u-5" })).toMatchObject({ status: 500 });
    lane.answer("PUT /storage/kv/profile%3Au-5", () => undefined);
    expect(await deliver({ ...ada, user_id: "u-5" })).toMatchObject({ status: 204 });
  });
});

function under() {
  return { id: "user-management", port: plugin.port };
}

function call(operation: string, payload: Record<string, string | number>) {
  return callOperation(lane, under(), { operation, path: `/operations/${operation}`, payload });
}

function deliver(data: Record<string, string>) {
  const headers = { "ce-time": "2026-11-21T00:00:00.000Z" };
  return deliverEvent(lane, under(), { type: "UserCreated", data, path: "/events", headers });
}
