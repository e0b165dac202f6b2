import { setTimeout as sleep } from "node:timers/promises";
import { uuidv7 } from "@vivified/runtime";
import { Client } from "pg";
import { request } from "undici";
import { afterAll, beforeAll, expect, it } from "vitest";

import { type CoreSuite, openCoreSuite } from "../../core-suite.fixtures.ts";
import { until } from "../../process.fixtures.ts";
import { BlockWriter, decisionOf } from "../block.fixtures.ts";

const stack = new AsyncDisposableStack();
const password = "a password of many words";
const records = 3_000;
let suite: CoreSuite;
let database: Client;

beforeAll(async () => {
  suite = stack.use(await openCoreSuite());
  database = new Client({ connectionString: suite.ground.env.VIVIFIED_CORE_DATABASE_URL });
  await database.connect();
  stack.defer(() => database.end());
  await fill();
}, 120_000);
afterAll(() => stack.disposeAsync());

/** More than the buffers between core and a reader hold, also when it is compressed. */
async function fill(): Promise<void> {
  const message = () => Array.from({ length: 200 }, () => uuidv7()).join(" ");
  const long = () => ({
    effect: "allow" as const,
    reasons: [{ rule: "long", message: message(), fix: "" }],
    obligations: [],
  });
  const writer = new BlockWriter(suite.nats, "long");
  for (let at = 0; at < records; at += 50)
    await writer.write(Array.from({ length: 50 }, () => decisionOf({ caller: "long", result: long() })));
  const newest = async () =>
    (await suite.core.ask("GET /admin/audit/checkpoints?limit=1", { token: suite.token })).body;
  await until(async () => ((await newest()).checkpoints[0]?.size ?? 0) > records, 60_000);
}

async function auditor(username: string): Promise<{ readonly id: string; readonly token: string }> {
  const { core, token } = suite;
  const body = { username, email: `${username}@demo.example`, full_name: username, password, roles: ["auditor"] };
  const { id } = (await core.ask("POST /admin/users", { token, body })).body;
  return { id, token: await core.logIn(username, password) };
}

/** Begins to read, has something happen, waits longer than core asks, and reads on: whether the answer comes to its end. */
async function readAround(
  path: string,
  token: string,
  happens: () => Promise<unknown>,
): Promise<"whole" | "broken off"> {
  const { core } = suite;
  const headers = { authorization: `Bearer ${token}` };
  const { statusCode, body } = await request(`${core.publicUrl}${path}`, { headers, dispatcher: core.people });
  expect(statusCode).toBe(200);
  const pieces = body[Symbol.asyncIterator]();
  await pieces.next();
  await happens();
  await sleep(11_000);
  try {
    while ((await pieces.next()).done !== true);
    return "whole";
  } catch {
    return "broken off";
  }
}

const paths = ["/admin/audit/export?format=ndjson&caller=long", "/admin/audit/bundle"];

it.concurrent.each(paths)(
  "breaks %s off when the reader's role is taken away, which is recorded",
  async (path) => {
    const { id, token } = await auditor(`demoted-${paths.indexOf(path)}`);
    const demoted = () => database.query("update users set roles = '{viewer}' where id = $1", [id]);
    expect(await readAround(path, token, demoted)).toBe("broken off");
    const denied = "select 1 from decisions where caller = $1 and effect = 'deny'";
    expect((await database.query(denied, [id])).rowCount).toBe(1);
  },
  60_000,
);

it.concurrent.each(paths)(
  "breaks %s off when the reader's account is gone",
  async (path) => {
    const { id, token } = await auditor(`removed-${paths.indexOf(path)}`);
    expect(await readAround(path, token, () => database.query("delete from users where id = $1", [id]))).toBe(
      "broken off",
    );
  },
  60_000,
);

it.concurrent.each(paths)(
  "gives %s whole to a slow reader who still may",
  async (path) => {
    const { token } = await auditor(`slow-${paths.indexOf(path)}`);
    expect(await readAround(path, token, async () => undefined)).toBe("whole");
  },
  60_000,
);
