import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { coreThat } from "../decisions/core.fixtures.ts";
import { audit, vivified } from "./audit.fixtures.ts";

type Reply = { readonly status?: number; readonly body: object };

/** A core that gives these answers; what it was asked comes back, with what was sent. */
async function coreWith(answer: (request: IncomingMessage) => Reply) {
  const asked: string[] = [];
  const core = await coreThat(async (request, reply) => {
    asked.push(`${request.method} ${request.url} ${await text(request)}`.trim());
    const { status = 200, body } = answer(request);
    reply.writeHead(status).end(JSON.stringify(body));
  });
  return { ...core, asked };
}

const hold = { id: "h-1", state: "lifting", lift_requested_by: "ann", reason: "case 7", caller: "x" };

describe("vivified audit hold", () => {
  it("places one with its scope", async () => {
    await using core = await coreWith(() => ({ status: 201, body: { ...hold, state: "active" } }));
    const ran = await audit(
      "hold",
      "place",
      "--reason",
      "case 7",
      "--until",
      "2026-01-01",
      "--caller",
      "x",
      ...core.at,
    );
    expect(ran).toEqual({ code: 0, out: "h-1  active  caller x  case 7\n", err: "" });
    expect(core.asked).toEqual([
      'POST /admin/audit/holds {"reason":"case 7","until":"2026-01-01T00:00:00.000Z","caller":"x"}',
    ]);
  });

  it("lists them and says who is waited for", async () => {
    await using core = await coreWith(() => ({ body: { holds: [hold] } }));
    expect((await audit("hold", "list", ...core.at)).out).toContain("asked for by ann; waits for a second person");
    expect(JSON.parse((await audit("hold", "list", "--json", ...core.at)).out)).toEqual({ holds: [hold] });
  });

  it("ends with 2 when core refuses to lift it, and without a reason", async () => {
    await using core = await coreWith(() => ({ status: 403, body: { status: 403, code: "denied" } }));
    expect(await audit("hold", "lift", "h/1", ...core.at)).toMatchObject({ code: 2, out: "" });
    expect(core.asked).toEqual(["DELETE /admin/audit/holds/h%2F1"]);
    expect(await audit("hold", "place", ...core.at)).toMatchObject({ code: 2 });
  });
});

describe("vivified alerts", () => {
  const alert = {
    id: "a-1",
    state: "open",
    severity: "high",
    rule: "denials_spike",
    message: "x\u001b[2J",
    opened_at: "t",
  };

  it("list ends with 1 while one is open, and prints nothing that a terminal obeys", async () => {
    await using core = await coreWith(() => ({ body: { alerts: [alert] } }));
    const ran = await vivified("alerts", "list", "--state", "open", ...core.at);
    expect(ran).toMatchObject({ code: 1, err: "" });
    expect(ran.out).not.toContain("\u001b");
    expect(core.asked).toEqual(["GET /admin/alerts?limit=500&state=open"]);
  });

  it("ack says what was found", async () => {
    await using core = await coreWith(() => ({ body: { ...alert, state: "acknowledged" } }));
    expect(await vivified("alerts", "ack", "a-1", "--note", "a test", ...core.at)).toMatchObject({ code: 0 });
    expect(core.asked).toEqual(['POST /admin/alerts/a-1/acknowledge {"note":"a test"}']);
  });
});
