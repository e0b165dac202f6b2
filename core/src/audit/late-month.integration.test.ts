import { Client } from "pg";
import { afterAll, beforeAll, describe, it } from "vitest";
import { eventually, type TestCore, type TestGround } from "../core.fixtures.ts";
import { openCoreSuite } from "../core-suite.fixtures.ts";
import { BlockWriter, decisionOf } from "./block.fixtures.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
beforeAll(async () => {
  ({ ground, core } = stack.use(await openCoreSuite()));
  stack.defer(() => core[Symbol.asyncDispose]());
});
afterAll(() => stack.disposeAsync());

describe("a record of a month that has no partition, while the trail is read for long, as by a backup", () => {
  it("is taken in, as are those behind it", async () => {
    const reader = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
    await reader.connect();
    await using _ = { [Symbol.asyncDispose]: () => reader.end() };
    await reader.query("begin transaction isolation level repeatable read read only");
    await reader.query("select from decisions limit 1");
    const writer = new BlockWriter(stack.use(await ground.nats.connect("gateway")), "late");
    const [old, young] = [decisionOf({ timestamp: "2025-02-03T04:05:06.789Z" }), decisionOf()];
    for (const record of [old, young]) await writer.write([record]);
    const token = await core.logIn();
    const found = async (id: string) => (await core.ask(`GET /admin/decisions/${id}`, { token })).status;
    for (const { decision_id } of [old, young]) await eventually(() => found(decision_id)).toBe(200);
  });
});
