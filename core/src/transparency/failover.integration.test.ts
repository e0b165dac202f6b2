import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlockWriter, decisionOf } from "../audit/block.fixtures.ts";
import { eventually, TestCore, TestGround } from "../core.fixtures.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
beforeAll(async () => {
  ground = stack.use(await TestGround.open());
});
afterAll(() => stack.disposeAsync());

async function query(text: string, url = ground.env.VIVIFIED_CORE_DATABASE_URL) {
  const client = new Client({ connectionString: url });
  await client.connect();
  return client.query(text).finally(() => client.end());
}

const signed = async () =>
  Number((await query("select coalesce(max(size), 0) as size from log_checkpoints")).rows[0].size);

describe("a database that loses its last moments, while stream and tiles do not", () => {
  it("takes them in again, and the log goes on behind what was published", { timeout: 90_000 }, async () => {
    const writer = new BlockWriter(stack.use(await ground.nats.connect("gateway")), "lasting");
    const write = () => writer.write(Array.from({ length: 150 }, () => decisionOf()));
    const before = new URL(ground.env.VIVIFIED_CORE_DATABASE_URL ?? "");
    const name = before.pathname.slice(1);
    {
      await using core = await TestCore.start(ground);
      await write();
      await core.logIn();
      await eventually(signed).toBeGreaterThan(150);
    }
    const server = new URL("/postgres", before).href;
    await query(`create database put_back template "${name}"`, server);
    {
      await using core = await TestCore.start(ground);
      await core.logIn();
      for (let n = 0; n < 4; n += 1) await write();
      await eventually(signed).toBeGreaterThan(750);
      await core.logIn();
    }
    const lost = await signed();
    ground.env.VIVIFIED_CORE_DATABASE_URL = new URL("/put_back", before).href;
    expect(await signed()).toBeLessThan(lost);
    await using core = await TestCore.start(ground);
    await write();
    await eventually(signed).toBeGreaterThan(lost + 150);
    await eventually(async () => (await core.ask("GET /health")).body).toMatchObject({ ready: true });
    const token = await core.logIn();
    const broken = await core.ask("GET /admin/decisions?rule=audit.chain_broken", { token });
    expect(broken.body.decisions).toEqual([]);
  });
});
