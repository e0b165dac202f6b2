import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { auditEventsStream } from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlockWriter, decisionOf } from "../audit/block.fixtures.ts";
import { TestCore, TestGround } from "../core.fixtures.ts";
import { openPeople, type People } from "../policy/policy-world.fixtures.ts";
import { purgeStream } from "./purge-stream.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let people: People;

beforeAll(async () => {
  ground = stack.use(await TestGround.open());
  core = await TestCore.start(ground);
  stack.defer(() => core[Symbol.asyncDispose]());
  people = await openPeople(core);
});
afterAll(() => stack.disposeAsync());

const ask = (route: string, body?: object, token = people.ann) =>
  core.ask(route, { token, ...(body !== undefined && { body }) });
const holds = async (token = people.ann) => (await ask("GET /admin/audit/holds", undefined, token)).body.holds;

async function newAuditor(): Promise<string> {
  const password = "a password for auditors";
  const body = { username: "aud", email: "aud@example.org", full_name: "Aud", password, roles: ["auditor"] };
  await ask("POST /admin/users", body, await core.logIn());
  return core.logIn("aud", password);
}

describe("legal holds over the API", () => {
  it("are placed by one person, lifted by two, and seen by auditors, who change nothing", async () => {
    const auditor = await newAuditor();
    const scope = { caller: "suspect", since: "2026-01-01T00:00:00.000Z" };
    const placed = await ask("POST /admin/audit/holds", { reason: "case 7", ...scope });
    expect(placed).toMatchObject({ status: 201, body: { state: "active", reason: "case 7", ...scope } });
    const route = `DELETE /admin/audit/holds/${placed.body.id}`;
    expect(await ask("POST /admin/audit/holds", { reason: "x" }, auditor)).toMatchObject({ status: 403 });
    expect(await ask(route, undefined, auditor)).toMatchObject({ status: 403 });
    expect(await holds(auditor)).toMatchObject([{ id: placed.body.id, state: "active" }]);
    expect(await ask(route)).toMatchObject({ status: 202, body: { state: "lifting" } });
    expect((await ask(route)).body).toMatchObject({ status: 403, reasons: [{ rule: "audit.second_person" }] });
    expect(await ask(route, undefined, people.ben)).toMatchObject({ status: 200, body: { state: "lifted" } });
    const records = (await ask("GET /admin/decisions?limit=200")).body.decisions;
    const rules = records.flatMap(({ reasons }: { reasons: { rule: string }[] }) => reasons.map(({ rule }) => rule));
    expect(rules).toEqual(
      expect.arrayContaining([
        "audit.hold_placed",
        "audit.hold_lift_requested",
        "audit.second_person",
        "audit.hold_lifted",
      ]),
    );
  });

  it.each([
    [{}],
    [{ reason: "" }],
    [{ reason: "x", caller: "a\u0000b" }],
    [{ reason: "x", since: "yesterday" }],
    [{ reason: "x", all: true }],
  ])("are refused as %j", async (body) => {
    expect((await ask("POST /admin/audit/holds", body)).status).toBe(422);
  });
});

describe("the audit stream", () => {
  it("forgets nothing by itself, and loses the blocks before a sequence when core says so", async () => {
    const nats = stack.use(await ground.nats.connect("core"));
    const { streams } = await jetstreamManager(nats);
    expect((await streams.info(auditEventsStream.name)).config.max_age).toBe(0);
    const writer = new BlockWriter(stack.use(await ground.nats.connect("gateway")), "purged");
    for (let block = 0; block < 4; block += 1) await writer.write([decisionOf()]);
    const last = await writer.write([decisionOf()]);
    expect(await purgeStream(nats, last)).toBe(true);
    expect((await streams.info(auditEventsStream.name)).state.first_seq).toBe(last);
    expect(await purgeStream(nats, last)).toBe(false);
    expect((await jetstream(nats).streams.get(auditEventsStream.name)).name).toBe(auditEventsStream.name);
  });
});
