import type { DecisionRecord } from "@vivified/contracts";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleOf, ourBundle, type Scratch, scratch } from "../../bundle/policies.fixtures.ts";
import { anyQuestion, but, editedBundle, recordOf, sendMail } from "../insight.fixtures.ts";
import { openPinnedJudge, type PinnedJudge } from "../pinned-judge.ts";
import { replay } from "./replay.ts";
import { verifyLog } from "./verify-log.ts";

let folder: Scratch;
let ours: PinnedJudge;

beforeAll(async () => {
  folder = await scratch();
  ours = await openPinnedJudge(await ourBundle());
});
afterAll(async () => {
  await ours[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function* stream(records: readonly unknown[]) {
  yield* records;
}

const untraited = "if not input.grant";
const invoke = "vivified/rpc/invoke/invoke.rego";

describe("replay", () => {
  it("reports no change for the bundle that decided, whatever was asked", async () => {
    const asked = fc.sample(anyQuestion, 400);
    const records = await Promise.all(asked.map((question, index) => recordOf(ours, question, `d-${index}`)));
    const { totals, records: counted } = await replay({ records: stream(records), candidate: ours });
    expect(counted).toMatchObject({ read: 400, judged: 400 });
    expect(totals).toEqual({
      ...{ unchanged: 400, failing: 0, allow_to_deny: 0, deny_to_allow: 0, fields: 0, reported: 0, reasons: 0 },
    });
  });

  it("reports exactly the decisions that one changed rule flips", async () => {
    const edit = [invoke, untraited, 'if input.subject.id == "newsletter"'] as const;
    await using candidate = await openPinnedJudge(await editedBundle(folder, [edit]));
    const asked = fc.sample(anyQuestion, 400);
    const records = await Promise.all(asked.map((question, index) => recordOf(ours, question, `d-${index}`)));
    const { flips, totals } = await replay({ records: stream(records), candidate });
    const held = async (one: (typeof records)[number]) => (await candidate.judge(one as never)).effect !== "deny";
    const differing = [];
    for (const one of records)
      if ((one.result.effect !== "deny") !== (await held(one))) differing.push(one.decision_id);
    const flipped = flips.flatMap(({ examples, count }) => (count <= 5 ? examples : []));
    expect(totals.allow_to_deny + totals.deny_to_allow).toBe(differing.length);
    expect(differing).toEqual(expect.arrayContaining(flipped));
    expect(
      flips.every(({ rules, entrypoint }) => entrypoint === "rpc/invoke" && rules.includes("rpc.not_granted")),
    ).toBe(true);
  });

  it("weights each question by how often it was asked, and evaluates it once", async () => {
    const granted = but(sendMail, { subject: { id: "newsletter", traits: ["handles_pii"] } });
    const records = await Promise.all([1, 2, 3].map((index) => recordOf(ours, granted, `d-${index}`)));
    const edit = [invoke, untraited, "if input.grant"] as const;
    await using candidate = await openPinnedJudge(await editedBundle(folder, [edit]));
    const report = await replay({ records: stream(records), candidate });
    expect(report.records).toMatchObject({ judged: 3, evaluated: 1 });
    expect(report.flips).toEqual([
      {
        ...{ entrypoint: "rpc/invoke", caller: "newsletter", from: "allow", to: "deny", rules: ["rpc.not_granted"] },
        ...{ count: 3, examples: ["d-1", "d-2", "d-3"] },
      },
    ]);
  });

  it("reports what happens to a field now", async () => {
    const granted = but(sendMail, { subject: { id: "newsletter", traits: ["handles_pii"] } });
    const edit = ["data/clearances/data.json", '"remove"', '"redact"'] as const;
    await using candidate = await openPinnedJudge(await editedBundle(folder, [edit]));
    const report = await replay({ records: stream([await recordOf(ours, granted)]), candidate });
    expect(report.totals).toMatchObject({ fields: 1, unchanged: 0 });
    expect(report.fields).toMatchObject([{ path: "/diagnosis", from: "remove", to: "redact", count: 1 }]);
  });

  it("reports questions that the candidate no longer answers as failing, not as flips", async () => {
    const rules = { "rpc/invoke": 'decision := {"effect": "allow"}' };
    await using candidate = await openPinnedJudge(await bundleOf(folder.path("broken"), rules));
    const report = await replay({ records: stream([await recordOf(ours, sendMail)]), candidate });
    expect(report.totals).toMatchObject({ failing: 1, allow_to_deny: 0 });
    expect(report.newly_failing).toMatchObject([{ rule: "pdp.malformed", count: 1 }]);
  });

  it("counts what it cannot judge under why", async () => {
    const whole = await recordOf(ours, sendMail);
    const { input: _, ...tooLarge } = whole;
    const refused: DecisionRecord = { ...whole, entrypoint: "refused", path: "" };
    const outcome = { kind: "outcome", decision_id: "d-1", outcome: "done", duration_ms: 1 };
    const broken = [{}, 7, null, { ...whole, entrypoint: "rpc/elsewhere" }, { ...whole, result: { effect: "maybe" } }];
    const less = [{ erased: ["/input/attributes"] }, { masked: ["/input/resource/path"] }].map((lists) => ({
      ...{ ...whole, ...lists },
    }));
    const same = { ...whole, erased: [], masked: [] };
    const records = stream([whole, same, tooLarge, refused, outcome, ...less, ...broken]);
    const report = await replay({ records, candidate: ours });
    expect(report.records).toMatchObject({ read: 12, judged: 2 });
    expect(report.records.not_judged).toEqual({ no_policy: 1, no_input: 1, masked: 2, outcome: 1, unreadable: 5 });
  });

  it("judges what policy said, not what the gateway made of it", async () => {
    const { result, ...rest } = await recordOf(ours, sendMail);
    const failed = {
      effect: "deny",
      reasons: [{ rule: "pep.obligation_failed", message: "x", fix: "" }],
      obligations: [],
    };
    const record = { ...rest, result: failed, policy_result: result };
    expect((await replay({ records: stream([record]), candidate: ours })).totals.unchanged).toBe(1);
  });

  it("compares two revisions on the same questions, whatever the log says", async () => {
    const record = { ...(await recordOf(ours, sendMail)), result: { effect: "allow", reasons: [], obligations: [] } };
    const report = await replay({ records: stream([record]), candidate: ours, base: ours });
    expect(report).toMatchObject({ against: ours.revision, totals: { unchanged: 1 } });
  });
});

describe("verifyLog", () => {
  it("holds every answer to the bytes in the log, and says of which revision it has no bundle", async () => {
    const record = await recordOf(ours, sendMail);
    const changed = { ...record, decision_id: "d-2", result: { ...record.result, effect: "allow" } };
    const elsewhere = { ...record, revision: "other" };
    const judgeOf = async (revision: string) => (revision === ours.revision ? ours : undefined);
    const report = await verifyLog({ records: stream([record, changed, elsewhere, 1]), judgeOf });
    expect(report).toMatchObject({ read: 4, verified: 1, different: 1 });
    expect(report.not_verified).toMatchObject({ no_bundle: 1, unreadable: 1 });
    expect(report.examples.map(({ decision_id }) => decision_id)).toEqual(["d-2"]);
  });
});
