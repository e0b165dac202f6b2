import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestCore } from "../../core.fixtures.ts";
import { openCoreSuite } from "../../core-suite.fixtures.ts";

const stack = new AsyncDisposableStack();
let core: TestCore;
let token: string;
let other: Client;

beforeAll(async () => {
  const { ground, ...suite } = stack.use(await openCoreSuite());
  ({ core, token } = suite);
  other = new Client({ connectionString: ground.env.VIVIFIED_CORE_DATABASE_URL });
  await other.connect();
  stack.defer(() => other.end());
}, 60_000);
afterAll(() => stack.disposeAsync());

describe("a search that takes the database too long", () => {
  it.each(["", "/facets", "/histogram"])(
    "is ended and told as what it is: /admin/decisions%s",
    async (what) => {
      await other.query("begin");
      await other.query("lock table decision_shapes in access exclusive mode"); // what is read waits for it
      const refused = await core.ask(`GET /admin/decisions${what}?rule=rpc.granted`, { token });
      expect(refused.body).toMatchObject({
        ...{ status: 422, code: "search_too_broad", retryable: false },
        detail: expect.stringContaining("narrow the time span"),
      });
      await other.query("rollback");
      expect((await core.ask(`GET /admin/decisions${what}?rule=rpc.granted`, { token })).status).toBe(200);
    },
    30_000,
  );
});
