import type { RequestListener, ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { vivified } from "../../audit/audit.fixtures.ts";
import { coreThat, rowOf } from "../core.fixtures.ts";
import { openTail, says, startTail } from "./tail.fixtures.ts";

type Turn = (reply: ServerResponse) => unknown;

/** A core whose tail answers each time as the next turn says, and then only that nothing happened. */
async function tailed(turns: readonly Turn[], others: RequestListener = (_, reply) => reply.writeHead(404).end()) {
  const resumed: (string | undefined)[] = [];
  const core = await coreThat((request, reply) => {
    if (!request.url?.startsWith("/admin/decisions/tail")) return others(request, reply);
    const after = request.headers["last-event-id"];
    resumed.push(after as string | undefined);
    const turn = turns[resumed.length - 1] ?? (() => openTail(reply, says.place(Number(after ?? -1))));
    turn(reply);
  });
  return { ...core, resumed };
}

const refuse = (status: number, code: string) => (reply: ServerResponse) =>
  reply.writeHead(status).end(JSON.stringify({ code }));
const rowsIn = (text: string) =>
  text
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
const rows = (...places: readonly number[]) => places.map((place) => rowOf(place));

describe("vivified decisions tail", () => {
  it("prints decisions as they come, one a line, until Ctrl-C, and nothing else", async () => {
    let later: ServerResponse | undefined;
    await using core = await tailed([
      (reply) => {
        later = reply;
        openTail(reply, says.place(4), says.decision(5));
      },
    ]);
    await using tail = startTail("--json", ...core.at);
    await expect.poll(() => rowsIn(tail.out()), { timeout: 20_000 }).toEqual(rows(5));
    later?.write(says.decision(6) + says.decision(8));
    await expect.poll(() => rowsIn(tail.out()), { timeout: 20_000 }).toEqual(rows(5, 6, 8));
    expect(await tail.end()).toBe(0);
    expect(tail.err()).toBe("");
  });

  it("ends with 0 by SIGTERM as well", async () => {
    await using core = await tailed([(reply) => openTail(reply, says.decision(0))]);
    await using tail = startTail(...core.at);
    await expect.poll(() => tail.out(), { timeout: 20_000 }).toContain("workflow → invoke");
    expect(await tail.end("SIGTERM")).toBe(0);
  });

  it("asks with the filters of a search", async () => {
    await using core = await tailed([refuse(403, "denied")]);
    await vivified("decisions", "tail", "--lane", "rpc", "--would-deny", "--trace", "0".repeat(32), ...core.at);
    expect(core.asked).toEqual([`/admin/decisions/tail?lane=rpc&would_deny=true&trace_id=${"0".repeat(32)}`]);
  });

  it.each<[string, Turn]>([
    ["is cut", (reply) => reply.destroy()],
    ["ends in the middle", (reply) => reply.socket?.end()],
    ["says what is no HTTP", (reply) => reply.socket?.end("nonsense")],
  ])("goes on where it was when the line %s, and counts nothing that did not come whole", async (_, breakOff) => {
    const half = says.decision(7).slice(0, -2);
    await using core = await tailed([
      (reply) => {
        openTail(reply, says.place(5), says.decision(6), half);
        setTimeout(() => breakOff(reply), 50);
      },
      (reply) => openTail(reply, says.place(6), says.decision(6), says.decision(7)),
    ]);
    await using tail = startTail("--json", ...core.at);
    await expect.poll(() => rowsIn(tail.out()), { timeout: 20_000 }).toEqual(rows(6, 7));
    expect(core.resumed).toEqual([undefined, "6"]);
    expect(tail.err()).toMatch(/^! core cannot be followed: .+; trying again\n! core is followed again/);
    expect(await tail.end()).toBe(0);
    expect(rowsIn(tail.out())).toEqual(rows(6, 7));
  });

  it("resumes behind what it was told without a decision", async () => {
    await using core = await tailed([
      (reply) => {
        openTail(reply, says.place(5), says.place(9));
        setTimeout(() => reply.destroy(), 50);
      },
    ]);
    await using tail = startTail(...core.at);
    await expect.poll(() => core.resumed, { timeout: 20_000 }).toEqual([undefined, "9"]);
    expect(await tail.end()).toBe(0);
  });

  it("comes again without a word when core ends the tail", async () => {
    await using core = await tailed([
      (reply) => {
        openTail(reply, says.place(5), says.decision(6));
        reply.end();
      },
      (reply) => openTail(reply, says.place(6), says.decision(7)),
    ]);
    await using tail = startTail("--json", ...core.at);
    await expect.poll(() => rowsIn(tail.out()), { timeout: 20_000 }).toEqual(rows(6, 7));
    expect([await tail.end(), tail.err(), core.resumed]).toEqual([0, "", [undefined, "6"]]);
  });

  it("waits while core is not there or has no room, and says so once", async () => {
    await using core = await tailed([
      refuse(503, "database_unavailable"),
      refuse(429, "rate_limited"),
      (reply) => reply.destroy(),
      (reply) => reply.writeHead(200).end(),
      (reply) => openTail(reply, says.place(0), says.decision(1)),
    ]);
    await using tail = startTail("--json", ...core.at);
    await expect.poll(() => rowsIn(tail.out()), { timeout: 30_000 }).toEqual(rows(1));
    expect(tail.err().split("\n")).toEqual([
      expect.stringContaining("503 database_unavailable"),
      expect.stringContaining("followed again"),
      "",
    ]);
  });

  it("says so when the log is shorter than what was seen of it", async () => {
    await using core = await tailed([
      (reply) => {
        openTail(reply, says.place(8), says.decision(9));
        reply.end();
      },
      (reply) => openTail(reply, says.place(3), says.decision(4)),
    ]);
    await using tail = startTail("--json", ...core.at);
    await expect.poll(() => rowsIn(tail.out()), { timeout: 20_000 }).toEqual(rows(9, 4));
    expect(tail.err()).toContain("! core's log ends at place 3, and place 9 was seen: it is shorter than it was");
  });

  it("logs in anew when its token is not taken any more, once", async () => {
    await using core = await tailed([
      refuse(401, "unauthenticated"),
      (reply) => {
        openTail(reply, says.decision(1));
        reply.end();
      },
      refuse(401, "unauthenticated"),
      refuse(401, "unauthenticated"),
    ]);
    await using tail = startTail("--json", ...core.at);
    expect(await tail.ended).toBe(2);
    expect([rowsIn(tail.out()), core.resumed]).toEqual([rows(1), [undefined, undefined, "1", "1"]]);
    expect(tail.err()).toContain("401 unauthenticated");
    expect(tail.err()).not.toContain("trying again");
  });

  it.each([
    [403, "denied"],
    [422, "invalid"],
    [404, "not_found"],
  ])("ends with 2 when core answers %i %s", async (status, code) => {
    await using core = await tailed([refuse(status, code)]);
    const { code: ended, out, err } = await vivified("decisions", "tail", "--json", ...core.at);
    expect({ ended, out }).toEqual({ ended: 2, out: "" });
    expect(err).toContain(`${status} ${code}`);
  });

  it.each([
    ["an event without a place", "data: {}\n\n"],
    ["no decision", "id: 1\ndata: {}\n\n"],
    ["no JSON", "id: 1\ndata: {\n\n"],
  ])("ends with 2 when it is sent %s", async (_, event) => {
    await using core = await tailed([(reply) => openTail(reply, event)]);
    expect(await vivified("decisions", "tail", ...core.at)).toMatchObject({ code: 2, out: "" });
  });

  it.each([[], ["--json"]])("lets no text of others reach the terminal as it is: %j", async (...format) => {
    const hostile = rowOf(1, { caller: "\u001b[2J\u009b31m\u202e", resource: "a\nb" });
    await using core = await tailed([(reply) => openTail(reply, `id: 1\ndata: ${JSON.stringify(hostile)}\n\n`)]);
    await using tail = startTail(...format, ...core.at);
    await expect.poll(() => tail.out(), { timeout: 20_000 }).toContain("\\u001b[2J\\u009b31m\\u202e");
    expect(tail.out()).toMatch(/^[^\p{Cc}\p{Cf}]*\n$/u);
  });
});

describe("vivified decisions tail --since", () => {
  /** Three decisions of the past on two pages, the newest first; core does not answer the first time. */
  const past = (): RequestListener => {
    let asked = 0;
    return ({ url = "" }, reply) => {
      asked += 1;
      const { searchParams } = new URL(url, "http://core");
      if (asked === 1) return refuse(503, "database_unavailable")(reply);
      const page = searchParams.has("before") ? { decisions: rows(1) } : { decisions: rows(3, 2), next: "page" };
      return reply.end(JSON.stringify(page));
    };
  };

  it("prints those of the past first, oldest first, and none twice or left out where both meet", async () => {
    await using core = await tailed(
      [(reply) => openTail(reply, says.place(2), says.decision(3), says.decision(4))],
      past(),
    );
    await using tail = startTail("--since", "2026-11-20", "--lane", "rpc", "--json", ...core.at);
    await expect.poll(() => rowsIn(tail.out()), { timeout: 20_000 }).toEqual(rows(1, 2, 3, 4));
    expect(core.asked.at(-1)).toBe(
      "/admin/decisions?lane=rpc&since=2026-11-20T00%3A00%3A00.000Z&limit=1000&before=page",
    );
    expect(await tail.end()).toBe(0);
  });

  it("says when there were too many to print all", async () => {
    const page = { decisions: Array.from({ length: 1000 }, (_, index) => rowOf(index)), next: "more" };
    await using core = await tailed([], (_, reply) => reply.end(JSON.stringify(page)));
    await using tail = startTail("--since", "7d", ...core.at);
    await expect.poll(() => tail.err(), { timeout: 20_000 }).toContain("! more than 10000 decisions since then");
    expect(core.asked).toHaveLength(11);
  });

  it("does not understand a time that is none", async () => {
    expect((await vivified("decisions", "tail", "--since", "once")).code).toBe(2);
  });
});
