import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createUser, type DevEnv, done, openDatabase, openDevEnv } from "../src/index.ts";

describe("a platform on somebody else's PostgreSQL", () => {
  const stack = new AsyncDisposableStack();
  let env: DevEnv;

  beforeAll(async () => {
    const database = stack.use(await openDatabase());
    env = stack.use(await openDevEnv({ databaseUrl: database.url }));
  });
  afterAll(() => stack.disposeAsync());

  it("starts none of its own and works", async () => {
    expect(env.platform.processes.postgres).toBeUndefined();
    expect(await readdir(env.platform.home.at("postgres"))).toEqual([]);
    const { traceId } = await createUser(env.platform);
    await done(env.platform, { trace_id: traceId, action: "publish" }, { resource: "OnboardingCompleted" });
  });
});
