import { writeFile } from "node:fs/promises";
import type { DecisionRecord } from "@vivified/contracts";
import { type BuiltBundle, buildBundle } from "@vivified/pdp";
import { beforeAll, describe, expect, it } from "vitest";
import { folder, type Ran, vivified } from "../audit/audit.fixtures.ts";
import { inCheckout } from "../platform/checkout.ts";
import { opaPath } from "../policy/insight/chosen-bundle.ts";
import { decisionId, recordsOf, sendMail } from "../policy/insight/insight.fixtures.ts";
import { coreThat, type Speaker } from "./core.fixtures.ts";

const trace = "0af7651916cd43dd8448eb211c80319c";
const outcome = { kind: "outcome", decision_id: decisionId(1), timestamp: "2026-11-26T12:00:00.012Z" } as const;
const told = { ...outcome, outcome: "failed", status: 502, code: "target_failed", duration_ms: 11.7 } as const;

let built: BuiltBundle;
let denied: DecisionRecord;
let allowed: DecisionRecord;

beforeAll(async () => {
  built = await buildBundle({ opa: opaPath(), source: { floor: inCheckout("policies") } });
  const [first, second] = await recordsOf(built.bundle, [sendMail([]), sendMail(["handles_pii"])]);
  if (first === undefined || second === undefined) throw new Error("two questions have two records");
  [denied, allowed] = [first, second];
});

type Kept = { readonly record?: object; readonly archive?: Buffer };

/** A core that keeps one decision and perhaps a bundle, and finds a decision of one trace and of one revision. */
const coreWith = ({ record = denied, archive = built.archive }: Kept): Promise<Speaker> =>
  coreThat(({ url = "" }, reply) => {
    const { pathname, searchParams } = new URL(url, "http://core");
    const known = searchParams.get("trace_id") === trace || searchParams.get("revision") === built.bundle.revision;
    if (pathname === "/admin/decisions") return reply.end(JSON.stringify({ decisions: known ? [{}] : [] }));
    if ("decision_id" in record && pathname === `/admin/decisions/${record.decision_id}`)
      return reply.end(JSON.stringify({ ...record, stream_sequence: 7, log_index: 12 }));
    if (pathname === `/admin/policies/bundles/${built.bundle.revision}` && archive.length > 0)
      return reply.writeHead(200, { "content-type": "application/gzip" }).end(archive);
    return reply.writeHead(404).end(JSON.stringify({ code: "not_found" }));
  });

async function explain(kept: Kept, id = decisionId(0), ...args: readonly string[]): Promise<Ran> {
  await using core = await coreWith(kept);
  return await vivified("decisions", "explain", id, ...core.at, ...args);
}

describe("vivified decisions explain", () => {
  it("shows a denial with its fix, and why in depth", async () => {
    const { code, out, err } = await explain({});
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/^deny {2}newsletter → invoke → email-gateway.send_email\n/);
    expect(out).toContain(`  decision  ${decisionId(0)}\n`);
    expect(out).toContain(`  revision  ${built.bundle.revision}\n  trace     ${"0".repeat(32)}\n`);
    expect(out).toContain("  outcome   denied, so nothing was done\n  place     12 in the log\n");
    expect(out).toMatch(/Reasons\n {2}✗ rpc.caller_trait .*: handles_pii\n {6}fix: give the caller the trait/);
    expect(out).toContain("It would be allowed if\n  • newsletter had the trait handles_pii  (sanitize)");
    expect(out).toContain("the log, the interpreter and the engine agree");
  });

  it("shows what became of a permit and which fields were changed", async () => {
    const { code, out } = await explain({ record: { ...allowed, outcome: told } }, decisionId(1));
    expect(code).toBe(0);
    expect(out).toContain("  outcome   failed, status 502, target_failed, after 12 ms\n");
    expect(out).toContain("Obligations\n  remove  /diagnosis\n");
    expect(out).toContain("/diagnosis  remove  carries phi; email-gateway with handles_phi would see it");
    expect((await explain({ record: allowed }, decisionId(1))).out).toContain("  outcome   none was told\n");
  });

  it("tells all of it as one JSON object", async () => {
    const { out } = await explain({ record: { ...allowed, outcome: told } }, decisionId(1), "--json");
    const { record, explanation, ...rest } = JSON.parse(out);
    expect(record).toEqual(JSON.parse(JSON.stringify(allowed)));
    expect(explanation).toMatchObject({ revision: built.bundle.revision, log_agrees: true });
    expect(rest).toEqual({ outcome: told, stream_sequence: 7, log_index: 12 });
  });

  it("ends with 1 when the log says something else than its policies do", async () => {
    const forged = { ...denied, result: { ...allowed.result } };
    const { code, out } = await explain({ record: forged });
    expect(code).toBe(1);
    expect(out).toContain("!! The log says something else than this revision answers now. !!");
  });

  it.each([
    ["masked", { masked: ["/input/attributes/topic"] }, "the log keeps less of the question than was asked"],
    ["masked", { erased: ["/input/subject/id"] }, "the log keeps less of the question than was asked"],
    ["no_input", { input: undefined }, "the question was too large to be kept"],
  ])("shows a record that cannot be judged again, says why (%s), and ends with 3", async (why, changes, words) => {
    const record = { ...denied, ...changes };
    const { code, out } = await explain({ record });
    expect(code).toBe(3);
    expect(out).toContain("✗ rpc.caller_trait");
    expect(out).toContain(`Not judged again: ${words}`);
    for (const place of Object.values(changes).flatMap((places) => places ?? [])) expect(out).toContain(place);
    const json = await explain({ record }, decisionId(0), "--json");
    expect(json.code).toBe(3);
    expect(JSON.parse(json.out).unexplained).toMatchObject({ why, message: expect.stringContaining(words) });
  });

  it("ends with 0 where no policy was asked: the record says it all", async () => {
    const { code, out } = await explain({ record: { ...denied, entrypoint: "refused", input: undefined } });
    expect(code).toBe(0);
    expect(out).toContain("Not judged again: no policy was asked about it");
  });

  it("says when core does not keep the revision any more, and takes a copy of it", async () => {
    const gone = await explain({ archive: Buffer.alloc(0) });
    expect(gone.code).toBe(3);
    expect(gone.out).toContain(`core does not keep revision ${built.bundle.revision} any more`);
    await using files = await folder();
    await writeFile(files.path("bundle.tar.gz"), built.archive);
    const copy = await explain(
      { archive: Buffer.alloc(0) },
      ...([decisionId(0), "--bundle", files.path("bundle.tar.gz")] as const),
    );
    expect(copy.code).toBe(0);
    expect(copy.out).toContain("the log, the interpreter and the engine agree");
  });

  it.each([
    [decisionId(77), `core keeps no decision ${decisionId(77)}`],
    ["d-1", "d-1 is not the id of a decision"],
    [trace, `${trace} is a trace, not a decision: vivified decisions search --trace ${trace}`],
    ["f".repeat(32), "is not the id of a decision"],
  ])("does not know %s, and says what it is", async (id, words) => {
    const { code, out, err } = await explain({}, id);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(words);
  });

  it("knows a revision of policies when it is given one", async () => {
    const { revision } = built.bundle;
    expect((await explain({}, revision)).err).toContain(`${revision} is a revision of policies, not a decision`);
  });

  it("lets no text of others reach the terminal as it is", async () => {
    const reason = { rule: "x", message: "\u001b[2J", fix: "\u202e" };
    const record = { ...denied, caller: "\u009b31m", result: { ...denied.result, reasons: [reason] } };
    const { out } = await explain({ record });
    expect(out.replaceAll("\n", "")).toMatch(/^[^\p{Cc}\p{Cf}]*$/u);
    expect(out).toContain("\\u001b[2J");
    expect((await explain({ record }, decisionId(0), "--json")).out).toMatch(/^[^\p{Cc}\p{Cf}]*\n$/u);
  });

  it("says why core refuses", async () => {
    await using core = await coreThat((_, reply) => reply.writeHead(403).end(JSON.stringify({ code: "denied" })));
    const ran = await vivified("decisions", "explain", decisionId(0), ...core.at);
    expect(ran).toMatchObject({ code: 2, err: expect.stringContaining("403 denied") });
  });
});
