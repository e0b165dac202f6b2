import { expect, it } from "vitest";
import { vivified } from "../audit/audit.fixtures.ts";
import { coreThat } from "../decisions/core.fixtures.ts";

const bidi = String.fromCodePoint(0x202e);
const csi = String.fromCodePoint(0x9b);
const text = `a\u001b]0;owned\u0007${csi}2J${bidi}b`;
const id = "0192f3a0-0000-7000-8000-000000000001";
const hold = { id: text, state: "active", reason: text, caller: text };
const alert = { id: text, state: "open", severity: "high", rule: text, message: text, opened_at: text };
const refusal = { code: "denied", detail: text, violations: [{ pointer: text, message: text }] };
const answer = { ...hold, ...alert, holds: [hold], alerts: [alert], subject: text, destroyed: true };

it.each([
  [200, ["audit", "hold", "list"]],
  [200, ["audit", "hold", "list", "--json"]],
  [200, ["audit", "hold", "place", "--reason", "x"]],
  [200, ["audit", "hold", "lift", "x", "--json"]],
  [200, ["audit", "forget", "x", "--yes"]],
  [200, ["audit", "forget", "x", "--yes", "--json"]],
  [200, ["alerts", "list"]],
  [200, ["alerts", "list", "--json"]],
  [403, ["audit", "export", "-o", "-"]],
  [403, ["audit", "forget", "x", "--yes"]],
  [403, ["decisions", "search"]],
  [403, ["decisions", "explain", id]],
  [403, ["decisions", "tail"]],
] as const)("a core that answers %i to %j moves no cursor", async (status, command) => {
  const body = JSON.stringify(status === 200 ? answer : refusal);
  await using core = await coreThat((_, reply) => void reply.writeHead(status).end(body));
  const { out, err } = await vivified(...command, ...core.at);
  const said = `${out}${err}`.replaceAll("\n", "");
  expect(said).toContain("\\u001b]0;owned\\u0007");
  expect(said).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});
