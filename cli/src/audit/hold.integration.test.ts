import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit, folder, vivified } from "./audit.fixtures.ts";

let files: Awaited<ReturnType<typeof folder>>;
let password: string;

beforeAll(async () => {
  files = await folder();
  password = files.path("password");
  await writeFile(password, "correct horse battery\n");
});
afterAll(() => files[Symbol.asyncDispose]());

type Reply = { readonly status?: number; readonly body: object };

/** A core that gives these answers; what it was asked comes back. */
async function coreThat(answer: (request: IncomingMessage) => Reply) {
  const asked: string[] = [];
  const server = createServer(async (request, reply) => {
    const body = await text(request);
    if (request.url === "/auth/login") {
      return reply.end(JSON.stringify({ access_token: "t", token_type: "Bearer", expires_in: 600 }));
    }
    asked.push(`${request.method} ${request.url} ${body}`.trim());
    const { status = 200, body: said } = answer(request);
    return reply.writeHead(status).end(JSON.stringify(said));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    server.close();
  };
  const at = ["--url", `http://127.0.0.1:${port}`, "--password-file", password];
  return { asked, at, [Symbol.asyncDispose]: close };
}

const hold = { id: "h-1", state: "lifting", lift_requested_by: "ann", reason: "case 7", caller: "x" };

describe("vivified audit hold", () => {
  it("places one with its scope", async () => {
    await using core = await coreThat(() => ({ status: 201, body: { ...hold, state: "active" } }));
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
    await using core = await coreThat(() => ({ body: { holds: [hold] } }));
    expect((await audit("hold", "list", ...core.at)).out).toContain("asked for by ann; waits for a second person");
    expect(JSON.parse((await audit("hold", "list", "--json", ...core.at)).out)).toEqual({ holds: [hold] });
  });

  it("ends with 2 when core refuses to lift it, and without a reason", async () => {
    await using core = await coreThat(() => ({ status: 403, body: { status: 403, code: "denied" } }));
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
    await using core = await coreThat(() => ({ body: { alerts: [alert] } }));
    const ran = await vivified("alerts", "list", "--state", "open", ...core.at);
    expect(ran).toMatchObject({ code: 1, err: "" });
    expect(ran.out).not.toContain("\u001b");
    expect(core.asked).toEqual(["GET /admin/alerts?limit=500&state=open"]);
  });

  it("ack says what was found", async () => {
    await using core = await coreThat(() => ({ body: { ...alert, state: "acknowledged" } }));
    expect(await vivified("alerts", "ack", "a-1", "--note", "a test", ...core.at)).toMatchObject({ code: 0 });
    expect(core.asked).toEqual(['POST /admin/alerts/a-1/acknowledge {"note":"a test"}']);
  });
});
