import { type NatsConnection, uuidv7 } from "@vivified/runtime";
import { request } from "undici";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, TestCore, type TestGround } from "../../core.fixtures.ts";
import { openCoreSuite } from "../../core-suite.fixtures.ts";
import { BlockWriter, decisionOf, outcomeOf } from "../block.fixtures.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let core: TestCore;
let nats: NatsConnection;
let token: string;
let writer: BlockWriter;

beforeAll(async () => {
  ({ ground, core, nats, token } = stack.use(await openCoreSuite()));
  writer = new BlockWriter(nats, "tailed");
});
afterAll(() => stack.disposeAsync());

/** A reader of server-sent events that knows no more of us than the format. */
async function follow(query: string, lastEventId?: string) {
  const headers = {
    authorization: `Bearer ${token}`,
    ...(lastEventId !== undefined && { "last-event-id": lastEventId }),
  };
  const reply = await request(`${core.publicUrl}/admin/decisions/tail?${query}`, { headers, dispatcher: core.people });
  expect([reply.statusCode, reply.headers["content-type"]]).toEqual([200, "text/event-stream"]);
  let [text, ended] = ["", false];
  reply.body.on("data", (piece) => (text += piece));
  reply.body.on("close", () => (ended = true)).on("error", () => undefined);
  const events = () =>
    text
      .split("\n\n")
      .slice(0, -1)
      .map((event) => ({ id: /^id: (\S+)$/m.exec(event)?.[1], data: /^data: (.*)$/m.exec(event)?.[1] }))
      .flatMap(({ id, data }) => (data === undefined ? [] : [{ id, row: JSON.parse(data) }]));
  return {
    ids: () => events().map(({ row }) => row.decision_id),
    last: () => events().at(-1)?.id,
    opened: () => text.length > 0,
    ended: () => ended,
    close: () => reply.body.destroy(),
  };
}

const idsOf = (records: readonly { decision_id: string }[]) => records.map((one) => one.decision_id);
const some = (count: number, changes: object) => Array.from({ length: count }, () => decisionOf(changes));
const recordsOf = async (rule: string) =>
  (await core.ask(`GET /admin/decisions/records?since=2020-01-01T00:00:00Z&limit=5000`, { token })).body.records.filter(
    (one: { result: { reasons: { rule: string }[] } }) => one.result.reasons[0]?.rule === rule,
  );

describe("GET /admin/decisions/tail", () => {
  it("tells each wanted decision once, in the order of the log, from now on", async () => {
    await writer.write(some(3, { caller: "before" }));
    const all = await follow("");
    const mine = await follow("caller=followed&effect=allow");
    await eventually(() => all.opened() && mine.opened()).toBe(true);
    const records = some(450, { caller: "followed" });
    const others = some(3, { caller: "other" });
    for (let from = 0; from < 450; from += 90)
      await writer.write([...records.slice(from, from + 90), others[0] ?? decisionOf()].slice(0, 90));
    await writer.write(others);
    await eventually(() => mine.ids().length).toBe(450);
    expect(mine.ids()).toEqual(idsOf(records));
    await eventually(() => all.ids().filter((id) => idsOf(others).includes(id)).length).toBe(3);
    expect(all.ids().filter((id) => idsOf(records).includes(id))).toEqual(idsOf(records));
    for (const one of [all, mine]) one.close();
  });

  it.each(["text=granted", "rule=rpc.granted&lane=rpc", "resource=user-management.get_user"])(
    "takes the filters of a search: %s",
    async (filter) => {
      const trace_id = uuidv7().replaceAll("-", "");
      const reader = await follow(`${filter}&trace_id=${trace_id}`);
      const denied = { effect: "deny", reasons: [{ rule: "x", message: "No", fix: "" }], obligations: [] };
      const wanted = some(2, { trace_id });
      await writer.write([
        ...some(2, {}),
        ...some(1, { trace_id, result: denied, resource: "y" }),
        ...wanted.slice(0, 1),
        outcomeOf(wanted[0] ?? decisionOf()),
        ...wanted.slice(1),
      ]);
      await eventually(() => reader.ids()).toEqual(idsOf(wanted));
      reader.close();
    },
  );

  it("goes on behind Last-Event-ID, without a gap and without telling anything twice", async () => {
    const first = await follow("caller=resumed");
    await writer.write(some(5, { caller: "resumed" }));
    await eventually(() => first.ids().length).toBe(5);
    first.close();
    const missed = some(300, { caller: "resumed" });
    for (let from = 0; from < 300; from += 100) await writer.write(missed.slice(from, from + 100));
    const second = await follow("caller=resumed", first.last());
    await eventually(() => second.ids().length).toBe(300);
    const live = some(2, { caller: "resumed" });
    await writer.write(live);
    await eventually(() => second.ids()).toEqual(idsOf([...missed, ...live]));
    second.close();
  });

  it("records who opened it with which filter, and what they were given when it is closed; nothing in between", async () => {
    const opened = (await recordsOf("audit.tail_opened")).length;
    const reader = await follow("caller=watched");
    await writer.write(some(2, { caller: "watched" }));
    await eventually(() => reader.ids().length).toBe(2);
    reader.close();
    const closed = async () =>
      (await recordsOf("audit.tail_closed")).filter(
        (one: { labels: { caller?: string } }) => one.labels.caller === "watched",
      );
    await eventually(async () => (await closed())[0]?.labels.decisions).toBe("2");
    expect(await recordsOf("audit.tail_opened")).toHaveLength(opened + 1);
  });

  it("ends when core stops, which does not wait for it", async () => {
    const second = await TestCore.start(ground);
    const headers = { authorization: `Bearer ${await second.logIn()}` };
    const reply = await request(`${second.publicUrl}/admin/decisions/tail`, { headers, dispatcher: core.people });
    const read = reply.body.text();
    await second[Symbol.asyncDispose]();
    expect(await read).toMatch(/^: nothing new\nid: -?\d+\n\n/);
  });

  it.each(["limit=5", "outcome=done", "effect=maybe"])("refuses %s", async (query) => {
    expect((await core.ask(`GET /admin/decisions/tail?${query}`, { token })).status).toBe(422);
  });

  it("refuses a Last-Event-ID that is no place, and strangers", async () => {
    const headers = { "last-event-id": "first" };
    expect((await core.ask("GET /admin/decisions/tail", { token, headers })).status).toBe(422);
    expect((await core.ask("GET /admin/decisions/tail")).status).toBe(401);
  });
});
