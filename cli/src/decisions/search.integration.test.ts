import { describe, expect, it } from "vitest";
import { vivified } from "../audit/audit.fixtures.ts";
import { coreThat, rowOf } from "./core.fixtures.ts";

const search = (...args: readonly string[]) => vivified("decisions", "search", ...args);

/** A core that holds so many decisions, newest first, and gives pages of at most two. */
const coreOf = (count: number) =>
  coreThat(({ url = "" }, reply) => {
    const { searchParams } = new URL(url, "http://core");
    const from = Number(searchParams.get("before") ?? 0);
    const to = Math.min(count, from + Math.min(2, Number(searchParams.get("limit"))));
    const decisions = Array.from({ length: to - from }, (_, at) => rowOf(count - 1 - from - at));
    reply.end(JSON.stringify({ decisions, ...(to < count && { next: String(to) }) }));
  });

describe("vivified decisions search", () => {
  it("asks for every filter, as it was given", async () => {
    await using core = await coreOf(0);
    const filters = ["lane=rpc", "caller=a&b", "target=t", "action=invoke", "resource=r", "effect=deny", "rule=x.y"];
    const more = ["revision=0123", "text=no grant", "outcome=failed", "trace=0af7651916cd43dd8448eb211c80319c"];
    const times = ["since=2026-11-01", "until=2026-12-01"];
    const ran = await search(...[...filters, ...more, ...times].map((one) => `--${one}`), "--would-deny", ...core.at);
    expect(ran).toEqual({ code: 0, out: "", err: "" });
    expect(Object.fromEntries(new URL(core.asked[0] ?? "", "http://core").searchParams)).toEqual({
      ...{ lane: "rpc", caller: "a&b", target: "t", action: "invoke", resource: "r", effect: "deny", rule: "x.y" },
      ...{ revision: "0123", text: "no grant", outcome: "failed", trace_id: "0af7651916cd43dd8448eb211c80319c" },
      ...{ since: "2026-11-01T00:00:00.000Z", until: "2026-12-01T00:00:00.000Z", would_deny: "true", limit: "50" },
    });
  });

  it("follows the pages up to the limit, one decision a line", async () => {
    await using core = await coreOf(9);
    const { code, out } = await search("--limit", "5", "--json", ...core.at);
    expect(code).toBe(0);
    expect(
      out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([8, 7, 6, 5, 4].map((at) => rowOf(at)));
    expect(core.asked.map((path) => path.split("?")[1])).toEqual(["limit=5", "limit=3&before=2", "limit=1&before=4"]);
  });

  it("ends with the last page", async () => {
    await using core = await coreOf(3);
    const { out } = await search(...core.at);
    expect(out.split("\n")).toHaveLength(4);
    expect(out).toContain(
      `2026-11-20T00:00:02.000Z  ${rowOf(2).decision_id}  workflow → invoke → user-management.get_user: deny; rpc.granted\n`,
    );
  });

  it.each([[], ["--json"]])("lets no text of others reach the terminal as it is: %j", async (...format) => {
    const hostile = rowOf(1, { caller: "\u001b[2J\u009b31m\u202e", resource: "a\nb" });
    await using core = await coreThat((_, reply) => reply.end(JSON.stringify({ decisions: [hostile] })));
    const { code, out } = await search(...format, ...core.at);
    expect(code).toBe(0);
    expect(out).toMatch(/^[^\p{Cc}\p{Cf}]*\n$/u);
    expect(out).toContain("\\u001b[2J\\u009b31m\\u202e");
  });

  it("ends with an empty page, whatever it says, and shows no more than was asked for", async () => {
    await using endless = await coreThat((_, reply) => void reply.end(JSON.stringify({ decisions: [], next: "0" })));
    expect(await search(...endless.at)).toEqual({ code: 0, out: "", err: "" });
    expect(endless.asked).toHaveLength(1);
    const decisions = [3, 2, 1].map((at) => rowOf(at));
    await using generous = await coreThat((_, reply) => void reply.end(JSON.stringify({ decisions, next: "0" })));
    expect((await search("--limit", "2", ...generous.at)).out.trim().split("\n")).toHaveLength(2);
  });

  it("says why core refuses", async () => {
    await using core = await coreThat((_, reply) => reply.writeHead(422).end(JSON.stringify({ code: "invalid" })));
    expect(await search("--trace", "short", ...core.at)).toMatchObject({
      code: 2,
      err: expect.stringContaining("422 invalid"),
    });
  });

  it.each([
    ["--limit", "0"],
    ["--limit", "many"],
    ["--effect", "maybe"],
    ["--outcome", "lost"],
    ["--since", "once"],
  ])("does not understand %s %s", async (...args) => {
    expect((await search(...args)).code).toBe(2);
  });
});
