import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { adminPassword, eventually, TestCore, TestGround } from "./core.fixtures.ts";

const stack = new AsyncDisposableStack();
let core: TestCore;

beforeAll(async () => {
  const ground = stack.use(await TestGround.open());
  core = stack.use(await TestCore.start(ground));
});
afterAll(() => stack.disposeAsync());

describe("core", () => {
  it("is ready when database, NATS, snapshot and policy are", async () => {
    await eventually(async () => (await core.ask("GET /health")).body).toEqual({
      live: true,
      ready: true,
      checks: { database: true, nats: true, clock: true, snapshot: true, policy: true, audit_log: true },
    });
  });

  it("lets the bootstrapped administrator in, who sees themselves and the users", async () => {
    const token = await core.logIn("admin", adminPassword);
    expect((await core.ask("GET /auth/me", { token })).body).toMatchObject({ username: "admin", roles: ["admin"] });
    expect((await core.ask("GET /admin/users", { token })).body.users).toHaveLength(1);
  });
});
