import { createLogger, systemClock, VivifiedError } from "@vivified/runtime";
import { describe, expect, it } from "vitest";
import { logCall } from "./log-call.ts";

const line = {
  lane: "egress",
  action: "connect",
  resource: "https://api.example:443",
  caller: "p",
  trace_id: "t",
} as const;
const decision = {
  id: "d",
  entrypoint: "egress/connect",
  revision: "r",
  effect: "deny",
  reasons: [{ rule: "egress.not_granted", message: "The destination is not granted", fix: "" }],
  obligations: [],
} as const;

/** Runs a call and gives what was logged about it, and how it ended. */
async function logged(running: Promise<{ outcome: string; decision: typeof decision }>) {
  const lines: object[] = [];
  const logger = Object.assign(createLogger({ process: "test", level: "silent" }), {
    info: (fields: object, message: string) => void lines.push({ ...fields, message }),
  });
  const ended = await logCall(line, running, { logger, clock: systemClock }).catch((error: unknown) => error);
  return { lines, ended };
}

describe("logCall", () => {
  it("writes one line with the decision, and gives the result", async () => {
    const { lines, ended } = await logged(Promise.resolve({ outcome: "denied", decision }));
    expect(ended).toMatchObject({ outcome: "denied" });
    expect(lines).toMatchObject([
      { ...line, effect: "deny", reasons: ["egress.not_granted"], decision_id: "d", revision: "r", outcome: "denied" },
    ]);
  });

  it("writes one line for a failure, and passes it on", async () => {
    const failure = new VivifiedError("upstream_failed", { extra: { decision_id: "d" } });
    const { lines, ended } = await logged(Promise.reject(failure));
    expect(ended).toBe(failure);
    expect(lines).toMatchObject([
      { ...line, code: "upstream_failed", status: 502, decision_id: "d", outcome: "failed", message: "lane call" },
    ]);
  });
});
