import type { AuditRecord } from "@vivified/contracts";
import { type NatsConnection, newTrace } from "@vivified/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, TestCore, type TestGround } from "../../core.fixtures.ts";
import { openCoreSuite } from "../../core-suite.fixtures.ts";
import { BlockWriter, decisionOf, outcomeOf } from "../block.fixtures.ts";

const stack = new AsyncDisposableStack();
const overrides = { VIVIFIED_CORE_UNTOLD_AFTER_MS: "200" };
let ground: TestGround;
let core: TestCore;
let nats: NatsConnection;
let token: string;

beforeAll(async () => {
  ({ ground, core, nats, token } = stack.use(await openCoreSuite({ core: overrides })));
});
afterAll(() => stack.disposeAsync());

/** Which decisions core has recorded as untold. */
async function untold(): Promise<string[]> {
  const { body } = await core.ask("GET /admin/decisions?rule=audit.outcome_unknown&limit=1000", { token });
  return body.decisions.map((row: { parent_id: string }) => row.parent_id);
}
const inTrace = (changes: object = {}) => decisionOf({ trace_id: newTrace().traceId, ...changes });
const refusalOf = ({ decision_id }: AuditRecord, trace_id: string) =>
  decisionOf({
    entrypoint: "refused",
    trace_id,
    parent_id: decision_id,
    result: { effect: "deny", reasons: [], obligations: [] },
  });

describe("permits of which nobody told what became of them", () => {
  it("are recorded, each once and in its own trace, and nothing else is", async () => {
    const writer = new BlockWriter(nats, "killed");
    const open = ["events/publish", "events/deliver", "rpc/invoke", "egress/connect"].map((entrypoint) =>
      inTrace({ entrypoint }),
    );
    const [told, refused] = [inTrace(), inTrace({ trace_id: "a".repeat(32) })];
    const denied = inTrace({ result: { effect: "deny", reasons: [], obligations: [] } });
    const silent = [denied, inTrace({ entrypoint: "rpc/reply" }), inTrace({ entrypoint: "egress/reply" })];
    await writer.write([...open, told, refused, ...silent, outcomeOf(told), refusalOf(refused, "a".repeat(32))]);
    const wanted = open.map(({ decision_id }) => decision_id).sort();
    await eventually(async () => (await untold()).sort()).toEqual(wanted);
    const [first] = open;
    const trace = first?.kind === "decision" ? first.trace_id : "";
    const { body } = await core.ask(`GET /admin/decisions?trace_id=${trace}&rule=audit.outcome_unknown`, { token });
    expect(body.decisions).toMatchObject([
      { caller: "core", resource: `decision ${first?.decision_id}`, effect: "allow" },
    ]);
  });

  it("are recorded whoever else says that they were refused, and not when another chain of their own process does", async () => {
    const [silenced, refused] = [inTrace({ trace_id: "b".repeat(32) }), inTrace({ trace_id: "c".repeat(32) })];
    await new BlockWriter(nats, "honest-1").write([refusalOf(refused, "c".repeat(32))]);
    await new BlockWriter(nats, "hostile-0").write([refusalOf(silenced, "b".repeat(32))]);
    await new BlockWriter(nats, "honest-0").write([silenced, refused]); // behind: nothing is told of them before
    const after = inTrace();
    await new BlockWriter(nats, "behind").write([after]);
    await eventually(untold).toEqual(expect.arrayContaining([silenced.decision_id, after.decision_id]));
    expect(await untold()).not.toContain(refused.decision_id);
  });

  it("are not recorded again by a core that starts anew, or by a second one", async () => {
    const before = await untold();
    const other = await TestCore.start(ground, overrides);
    try {
      const lost = inTrace();
      await new BlockWriter(nats, "killed-again").write([lost]);
      await eventually(untold).toContain(lost.decision_id);
      await eventually(async () => (await untold()).sort()).toEqual([...before, lost.decision_id].sort());
    } finally {
      await other[Symbol.asyncDispose]();
    }
  });

  it("keep an outcome that comes later", async () => {
    const writer = new BlockWriter(nats, "late");
    const late = inTrace();
    await writer.write([late]);
    await eventually(untold).toContain(late.decision_id);
    await writer.write([outcomeOf(late)]);
    const outcome = async () => (await core.ask(`GET /admin/decisions/${late.decision_id}`, { token })).body.outcome;
    await eventually(outcome).toMatchObject({ outcome: "done" });
    expect((await untold()).filter((id) => id === late.decision_id)).toHaveLength(1);
  });

  it("are not those whose outcome waited in the stream while core was away", async () => {
    await core[Symbol.asyncDispose]();
    const [permit, behind] = [inTrace(), inTrace()];
    const writer = new BlockWriter(nats, "told-in-time");
    await writer.write([permit]);
    core = await TestCore.start(ground, { ...overrides, VIVIFIED_CORE_UNTOLD_AFTER_MS: "60000" });
    const stored = (one: AuditRecord) => core.ask(`GET /admin/decisions/${one.decision_id}`, { token });
    await eventually(async () => (await stored(permit)).status).toBe(200);
    await core[Symbol.asyncDispose]();
    const others = Array.from({ length: 20 }, () => ({ entrypoint: "rpc/reply" }));
    for (let nth = 0; nth < 200; nth += 1) await writer.write(others.map(inTrace));
    await writer.write([outcomeOf(permit), behind]);
    core = stack.use(await TestCore.start(ground, overrides));
    await eventually(untold).toContain(behind.decision_id);
    expect(await untold()).not.toContain(permit.decision_id);
  });
});
