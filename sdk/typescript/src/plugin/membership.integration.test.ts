import { describe, expect, it, vi } from "vitest";
import { createClient } from "../client/client.ts";
import { type LaneStandIn, openLaneStandIn } from "../testing/lane-stand-in.ts";
import { problem } from "../testing/standard-answers.ts";
import { createLog } from "./log.ts";
import { type MembershipKeeper, openMembership } from "./membership.ts";

const register = "POST /plugins/register";
const heartbeat = "POST /plugins/heartbeat";
const document = { id: "echo", version: "1.0.0" };

describe("membership", () => {
  it("sends the manifest word for word, then heartbeats", async () => {
    await using joined = await join();
    await eventually(() => expect(joined.lane.requests(heartbeat).length).toBeGreaterThan(2));
    expect(joined.lane.requests(register).map(({ body }) => body)).toEqual([{ manifest: document }]);
    expect(joined.lane.requests(heartbeat)[0]?.body).toEqual({ uptime_s: expect.any(Number) });
    expect(joined.keeper.current()).toEqual({ status: "active", seen_at: expect.any(String) });
  });

  it("goes on registering until it is active", async () => {
    await using joined = await join((lane) => {
      let asked = 0;
      lane.answer(register, () => {
        asked += 1;
        if (asked === 1) return problem({ status: 503, code: "core_unavailable", retryable: true });
        return asked < 4 ? { status: 200, body: { status: "registered", plugin_id: "echo" } } : undefined;
      });
    });
    await eventually(() => expect(joined.keeper.current().status).toBe("active"));
    expect(joined.lane.requests(register)).toHaveLength(4);
  });

  it("survives a lane that is not there, and nonsense from it", async () => {
    await using joined = await join((lane) => {
      let asked = 0;
      lane.answer(register, () => {
        asked += 1;
        if (asked === 1) return { status: 404, contentType: "text/plain", text: "" };
        return asked === 2 ? { status: 200, text: "<html>" } : asked === 3 ? { status: 200, body: {} } : undefined;
      });
    });
    await eventually(() => expect(joined.keeper.current().status).toBe("active"));
  });

  it("registers again when a heartbeat is refused", async () => {
    await using joined = await join();
    await eventually(() => expect(joined.lane.requests(heartbeat)).not.toEqual([]));
    joined.lane.answer(heartbeat, () => problem({ status: 404, code: "not_found", retryable: false }));
    await eventually(() => expect(joined.lane.requests(register).length).toBeGreaterThan(1));
  });

  it("notices that the plugin was disabled and comes back when it is enabled", async () => {
    await using joined = await join();
    await eventually(() => expect(joined.keeper.current().status).toBe("active"));
    joined.lane.answer(heartbeat, () => problem({ status: 403, code: "denied", retryable: false }));
    joined.lane.answer(register, () => ({ status: 200, body: { status: "disabled", plugin_id: "echo" } }));
    await eventually(() => expect(joined.keeper.current().status).toBe("disabled"));
    joined.lane.answer(heartbeat, () => undefined);
    joined.lane.answer(register, () => undefined);
    await eventually(() => expect(joined.keeper.current().status).toBe("active"));
  });

  it("says once, not at every attempt, that the platform refuses it", async () => {
    const denied = problem({ status: 403, code: "denied", retryable: false });
    await using joined = await join((lane) => lane.answer(register, () => denied));
    await eventually(() => expect(joined.lane.requests(register).length).toBeGreaterThan(4));
    expect(joined.log().filter((line) => line.includes("did not take us"))).toHaveLength(1);
  });

  it("stops at once, also in the middle of a wait", async () => {
    const joined = await join(undefined, 3_600_000);
    await eventually(() => expect(joined.keeper.current().status).toBe("active"));
    const before = performance.now();
    await joined[Symbol.asyncDispose]();
    expect(performance.now() - before).toBeLessThan(10_000);
  });
});

function eventually(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 20_000 });
}

type Joined = AsyncDisposable & {
  readonly lane: LaneStandIn;
  readonly keeper: MembershipKeeper;
  readonly log: () => readonly string[];
};

async function join(prepare?: (lane: LaneStandIn) => void, heartbeatMs = 10): Promise<Joined> {
  const stack = new AsyncDisposableStack();
  const lane = stack.use(await openLaneStandIn());
  prepare?.(lane);
  const client = stack.use(createClient({ laneUrl: lane.url, pluginId: "echo" }));
  const lines: string[] = [];
  const log = createLog("echo", (line) => void lines.push(line));
  const pace = { heartbeatMs, retryMs: { first: 2, longest: 10 } };
  const keeper = stack.use(openMembership({ client, document, log, startedAtMs: Date.now(), ...pace }));
  keeper.start();
  return { lane, keeper, log: () => lines, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
