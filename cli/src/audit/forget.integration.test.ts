import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { coreThat } from "../decisions/core.fixtures.ts";
import { audit } from "./audit.fixtures.ts";

const hash = "ab".repeat(32);

/** A core that knows a key of `u-1` until it is asked to forget it, or refuses; what it was sent comes back. */
async function core(refusal?: { readonly status: number; readonly code: string; readonly detail: string }) {
  const asked: string[] = [];
  const keys = new Set(["u-1"]);
  const speaker = await coreThat(async (request, reply) => {
    const sent = await text(request);
    asked.push(`${request.method} ${request.url} ${sent}`);
    const answer = refusal ?? { subject: hash, destroyed: keys.delete(JSON.parse(sent).subject) };
    reply.writeHead(refusal?.status ?? 200).end(JSON.stringify(answer));
  });
  return { ...speaker, asked };
}

describe("vivified audit forget", () => {
  it("asks core to forget the subject, and again changes nothing", async () => {
    await using platform = await core();
    const first = await audit("forget", "u-1", "--yes", ...platform.at);
    const again = await audit("forget", "u-1", "--yes", ...platform.at, "--json");
    expect([first.code, first.out]).toEqual([0, `The key of subject ${hash} is destroyed.\n`]);
    expect([again.code, JSON.parse(again.out)]).toEqual([0, { subject: hash, destroyed: false }]);
    expect(platform.asked[0]).toBe('POST /admin/audit/forget {"subject":"u-1"}');
  });

  it("does nothing without --yes", async () => {
    await using platform = await core();
    const ran = await audit("forget", "u-1", ...platform.at);
    expect([ran.code, ran.out, platform.asked]).toEqual([2, "", []]);
    expect(ran.err).toContain("say --yes");
  });

  it("says why core refuses, and what to do", async () => {
    const detail = "There is a legal hold, and records that it might cover are not in the database yet: ask again";
    await using platform = await core({ status: 503, code: "audit_behind", detail });
    const ran = await audit("forget", "u-1", "--yes", ...platform.at);
    expect([ran.code, ran.out]).toEqual([2, ""]);
    expect(ran.err).toContain(`503 audit_behind ${detail}`);
  });

  it("ends with 2 when it is told nobody", async () => {
    expect((await audit("forget")).code).toBe(2);
  });
});
