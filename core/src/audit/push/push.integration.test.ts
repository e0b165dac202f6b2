import type { NatsConnection } from "@vivified/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually, startCoreProcess, TestCore, TestGround } from "../../core.fixtures.ts";
import { BlockWriter, decisionOf, outcomeOf } from "../block.fixtures.ts";
import { type Received, type TestReceiver, testReceiver } from "./receiver.fixtures.ts";

const stack = new AsyncDisposableStack();
let ground: TestGround;
let nats: NatsConnection;
let opa: TestReceiver;
let otlp: TestReceiver;

beforeAll(async () => {
  opa = stack.use(await testReceiver());
  otlp = stack.use(await testReceiver());
  ground = stack.use(
    await TestGround.open({
      VIVIFIED_CORE_AUDIT_PUSH_OPA_URL: `${opa.url}/v1`,
      VIVIFIED_CORE_AUDIT_PUSH_OTLP_URL: otlp.url,
      VIVIFIED_CORE_AUDIT_PUSH_TIMEOUT_MS: "1000",
      VIVIFIED_CORE_AUDIT_PUSH_MAX_DELAY_MS: "500",
    }),
  );
  nats = stack.use(await ground.nats.connect("gateway"));
});
afterAll(() => stack.disposeAsync());

/** What a receiver took, in the order it came: ids of the events. */
const idsAt = ({ requests }: TestReceiver): string[] =>
  requests.flatMap(({ json }) => json.map((event: { decision_id: string }) => event.decision_id));
const placesAt = ({ requests }: TestReceiver): number[] =>
  requests.flatMap(({ json }: Received) =>
    json.resourceLogs[0].scopeLogs[0].logRecords.map((record: { attributes: { value: { intValue?: string } }[] }) =>
      Number(record.attributes[0]?.value.intValue),
    ),
  );

describe("a core with receivers", () => {
  it("pushes every record and outcome in the order of the log, and says how far it is", async () => {
    await using core = await TestCore.start(ground);
    const writer = new BlockWriter(nats, "pushing");
    const decisions = Array.from({ length: 30 }, () => decisionOf());
    const [first = decisionOf()] = decisions;
    await writer.write([...decisions, outcomeOf(first)]);
    const expected = [...decisions.map(({ decision_id }) => decision_id), `${first.decision_id}.outcome`];
    await eventually(() => idsAt(opa).filter((id) => expected.includes(id))).toEqual(expected);
    await eventually(() => placesAt(otlp).length).toBeGreaterThanOrEqual(31);
    const places = placesAt(otlp);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    const metrics = async () => (await core.ask("GET /metrics")).body;
    await eventually(metrics).toMatch(/audit_push_lag_records\{receiver="opa"\} 0\n/);
    expect(await metrics()).toMatch(/audit_push_records_total\{receiver="otlp"\} \d\d/);
  });

  it("says in the log that a receiver gets it, once", async () => {
    await using core = await TestCore.start(ground);
    const token = await core.logIn();
    const told = async () =>
      (await core.ask("GET /admin/decisions?rule=audit.push_began", { token })).body.decisions.toReversed();
    await eventually(async () => (await told()).length).toBe(2);
    const ids: string[] = (await told()).map(({ decision_id }: { decision_id: string }) => decision_id);
    const records = await Promise.all(
      ids.map(async (id) => (await core.ask(`GET /admin/decisions/${id}`, { token })).body),
    );
    const addresses = { opa: `opa ${opa.url}/v1/logs`, otlp: `otlp ${otlp.url}/v1/logs` };
    for (const [format, receiver] of Object.entries(addresses)) {
      const host = new URL(receiver.slice(format.length + 1)).host;
      const labels = { receiver, format, host, log_index: "0" };
      expect(records).toContainEqual(expect.objectContaining({ caller: "core", resource: receiver, labels }));
    }
  });

  it("sets a record aside that a receiver refuses, and tells of it in the log", async () => {
    await using core = await TestCore.start(ground);
    const poison = decisionOf({ caller: "poison" });
    const refuses = ({ json }: Received) =>
      json.some((event: { requested_by?: string }) => event.requested_by === "poison");
    opa.answer = (received) => ({ status: refuses(received) ? 422 : 200 });
    const [before, after] = [decisionOf(), decisionOf()];
    await new BlockWriter(nats, "poisoning").write([before, poison, after]);
    await eventually(() => idsAt(opa)).toContain(after.decision_id);
    const token = await core.logIn();
    const told = async () => (await core.ask("GET /admin/decisions?rule=audit.push_refused", { token })).body.decisions;
    await eventually(async () => (await told()).length).toBe(1);
    const [{ decision_id }] = await told();
    expect((await core.ask(`GET /admin/decisions/${decision_id}`, { token })).body).toMatchObject({
      resource: `opa ${opa.url}/v1/logs`,
      labels: { status: "422", log_index: expect.stringMatching(/^\d+$/) },
    });
    opa.answer = () => ({ status: 200 });
  });

  it("loses nothing when it is killed in the middle, and goes on where it was", { timeout: 120_000 }, async () => {
    const writer = new BlockWriter(nats, "killed");
    const decisions = Array.from({ length: 3_000 }, () => decisionOf());
    const write = async (from: number) => {
      for (let at = from; at < from + 1_500; at += 250) await writer.write(decisions.slice(at, at + 250));
    };
    await using first = (await startCoreProcess(ground)).program;
    await write(0);
    const seen = opa.requests.length;
    await eventually(() => opa.requests.length).toBeGreaterThan(seen);
    await first.stop("SIGKILL");
    await write(1_500);
    await using _second = (await startCoreProcess(ground)).program;
    const ids = decisions.map(({ decision_id }) => decision_id);
    await expect.poll(() => new Set(idsAt(opa)).has(ids.at(-1) ?? ""), { timeout: 60_000 }).toBe(true);
    const wanted = new Set(ids);
    const firsts = [...new Set(idsAt(opa))].filter((id) => wanted.has(id));
    expect(firsts, "every one, and each for the first time in the order of the log").toEqual(ids);
  });
});

describe("a core that is told of no sound receiver", () => {
  it.each([
    ["no address", { VIVIFIED_CORE_AUDIT_PUSH_OPA_URL: "somewhere" }, "neither http nor https"],
    ["another protocol", { VIVIFIED_CORE_AUDIT_PUSH_OTLP_URL: "ftp://logs.example" }, "neither http nor https"],
    ["a password in it", { VIVIFIED_CORE_AUDIT_PUSH_OPA_URL: "https://u:p@logs.example" }, "token file"],
  ])("does not start with %s", async (_, env, why) => {
    await expect(TestCore.start(ground, env)).rejects.toMatchObject({
      code: "invalid_config",
      detail: expect.stringContaining(why),
    });
  });
});
