import type { Decision, DecisionRecord, JsonObject, Obligation } from "@vivified/contracts";
import { parseDictionary } from "@vivified/pdp";
import { describe, expect, it } from "vitest";
import { deriveFieldKeys } from "./field-keys.ts";
import { type MaskRecordDeps, maskRecord } from "./mask-record.ts";

const entries = [{ title: "mail", traits: ["pii"], names: ["email"], exact: [] }];
const dictionary = parseDictionary({ entries, prefixes: [], suffixes: [], neutral: [] });
const reason = (message: string, fix = "") => ({ rule: "custom.found", message, fix });
const input = { subject: { id: "caller", traits: [] }, fields: [], attributes: { topic: "winter", size: 7 } };

function recordOf(parts: Partial<DecisionRecord> = {}): DecisionRecord {
  return {
    kind: "decision",
    decision_id: "d-1",
    timestamp: "2026-11-26T12:00:00.000Z",
    lane: "rpc",
    entrypoint: "rpc/invoke",
    path: "vivified/rpc/invoke/decision",
    revision: "r",
    snapshot: 1,
    caller: "caller",
    action: "invoke",
    resource: "people.get_user",
    input,
    result: { effect: "allow", reasons: [], obligations: [] },
    trace_id: "t",
    labels: {},
    ...parts,
  };
}

type Asked = Parameters<ReturnType<MaskRecordDeps["policy"]>["decide"]>[1];

/** A policy that answers every question about the log with these obligations. */
function masking(obligations: readonly Obligation[], answer: Partial<Decision> = {}) {
  const asked: Asked[] = [];
  const erased: string[] = [];
  const effect = obligations.length === 0 ? ("allow" as const) : ("sanitize" as const);
  const decision: Decision = { id: "m", entrypoint: "audit/mask", revision: "r", effect, reasons: [], obligations };
  const decide = async (_: "audit/mask", question: Asked) => {
    asked.push(question);
    return { ...decision, ...answer };
  };
  const deps: MaskRecordDeps = {
    policy: () => ({ decide, dictionary }),
    fieldKeys: deriveFieldKeys("k"),
    onErased: (id, cause) => erased.push(`${id} ${cause}`),
  };
  return { deps, asked, erased };
}

const egress = (path: string): Partial<DecisionRecord> => ({
  lane: "egress",
  entrypoint: "egress/connect",
  input: { ...input, attributes: {}, resource: { scheme: "https", host: "api.example", path } },
});

describe("a record on its way into the log", () => {
  it("asks about its values where they lie, with what names and looks tell of them", async () => {
    const { deps, asked } = masking([]);
    const attributes = { email: "somebody", size: 7 };
    await maskRecord(recordOf({ input: { ...input, attributes } }), deps);
    await maskRecord(recordOf(egress("/patients/ada%40example.org")), deps);
    expect(asked).toMatchObject([
      {
        lane: "rpc",
        entrypoint: "rpc/invoke",
        attributes,
        fields: [
          { path: "/attributes/email", type: "string", traits: ["pii"] },
          { path: "/attributes/size", type: "number", traits: [] },
        ],
      },
      { lane: "egress", attributes: {}, fields: [{ path: "/resource/path", type: "string", traits: ["pii"] }] },
    ]);
  });

  it("is kept as it is, and nobody is asked, when it holds no values", async () => {
    const { deps, asked } = masking([{ path: "/attributes/topic", action: "remove" }]);
    const { input: _, ...without } = recordOf();
    for (const record of [without, recordOf({ input: { ...input, attributes: {} } })])
      expect(await maskRecord(record, deps)).toBe(record);
    expect(asked).toEqual([]);
  });

  it("is kept as it is when policy asks for nothing that changes it", async () => {
    const record = recordOf();
    for (const obligations of [[], [{ path: "/attributes/other", action: "remove" }] as const])
      expect(await maskRecord(record, masking(obligations).deps)).toBe(record);
  });

  it("loses what policy takes out and shows less of what it changes, and says where", async () => {
    const { deps } = masking([
      { path: "/attributes/topic", action: "remove" },
      { path: "/attributes/size", action: "redact" },
    ]);
    const record = await maskRecord(recordOf(), deps);
    expect(record.input).toEqual({ ...input, attributes: { size: "REDACTED" } });
    expect([record.erased, record.masked]).toEqual([["/input/attributes/topic"], ["/input/attributes/size"]]);
  });

  it("keeps the names beside a path that it shows less of", async () => {
    const { deps } = masking([{ path: "/resource/path", action: "mask" }]);
    const { input: kept, masked } = await maskRecord(recordOf(egress("/of/ada@example.org")), deps);
    expect(kept?.resource).toEqual({ scheme: "https", host: "api.example", path: "/o***@example.org" });
    expect(masked).toEqual(["/input/resource/path"]);
  });

  it("quotes nothing in its reasons of what it does not keep", async () => {
    const verdict = {
      effect: "deny" as const,
      reasons: [reason("no: winter"), reason("no", "size 7 is too much"), reason("another")],
      obligations: [],
      would_deny: [reason("about winter")],
    };
    const { deps } = masking([{ path: "/attributes", action: "remove" }]);
    const record = await maskRecord(recordOf({ result: verdict, policy_result: verdict }), deps);
    const { result, policy_result, ...rest } = record;
    expect(result.reasons).toEqual([reason("REDACTED"), reason("no", "REDACTED"), reason("another")]);
    expect(result.would_deny).toEqual([reason("REDACTED")]);
    expect(policy_result).toEqual(result);
    const places = ["/reasons/0/message", "/reasons/1/fix", "/would_deny/0/message"];
    const masked = ["/policy_result", "/result"].flatMap((verdictAt) => places.map((place) => verdictAt + place));
    expect(rest).toMatchObject({ erased: ["/input/attributes"], masked });
  });

  it.each([
    ["does not answer", [], { effect: "deny", reasons: [{ ...reason(""), rule: "pdp.trap" }] }, "pdp.trap"],
    ["asks for what cannot be done", [{ path: "/attributes/size", action: "generalize" }], {}, "pep.obligation_failed"],
    ["asks for what nobody knows", [{ path: "/attributes/size", action: "encrypt" }], {}, "pep.unknown_obligation"],
    ["names no place", [{ path: "attributes", action: "remove" }], {}, "pep.obligation_failed"],
  ] as const)("keeps no value at all when policy %s", async (_, obligations, answer, why) => {
    const { deps, erased } = masking(obligations as readonly Obligation[], answer as Partial<Decision>);
    const whole: JsonObject = { ...input, resource: { scheme: "https", host: "api.example", path: "/a" } };
    const record = await maskRecord(recordOf({ input: whole }), deps);
    const { attributes: __, ...names } = input;
    expect(record.input).toEqual({ ...names, resource: { scheme: "https", host: "api.example" } });
    expect(record.erased).toEqual(["/input/attributes", "/input/resource/path"]);
    expect(erased).toEqual([`d-1 Error: ${why}`]);
  });

  it("keeps no value at all when there is no policy, or an attribute's name is personal data", async () => {
    const { deps } = masking([]);
    const none = () => {
      throw new Error("policy_missing");
    };
    const named = recordOf({ input: { ...input, attributes: { "ada@example.org": 1 } } });
    expect((await maskRecord(recordOf(), { ...deps, policy: none })).erased).toEqual(["/input/attributes"]);
    expect(JSON.stringify(await maskRecord(named, deps))).not.toContain("ada@");
  });
});
