import { readFile, writeFile } from "node:fs/promises";
import type { AdminAccessInput } from "@vivified/contracts";
import { describe, expect, it } from "vitest";
import { buildBundle } from "../bundle/build-bundle.ts";
import { bundleOf, opa, ourBundle, type Scratch, scratch, writePolicies } from "../bundle/policies.fixtures.ts";
import type { PolicyFailure } from "./judge.ts";
import { openPdp, type Pdp } from "./open-pdp.ts";

const invoke = {
  subject: { id: "workflow-orchestrator", traits: ["handles_pii"] },
  resource: { plugin: "newsletter", operation: "subscribe", traits: [], requires_traits: [] },
  grant: { id: "g-17" },
  fields: [{ path: "/email", type: "string", traits: ["pii"] }],
  attributes: {},
} as const;

const ask = (route: string): AdminAccessInput => ({
  subject: { id: "u", traits: [] },
  resource: { method: "GET", route },
});

/** Answers by the route it is asked about, so that one module can behave in every way. */
const moody = `
ground := {"rule": "t.ok", "message": "ok", "fix": ""}

allow := {"effect": "allow", "reasons": [ground], "obligations": []}

sanitize(action) := {"effect": "sanitize", "reasons": [ground], "obligations": [{"path": "/a", "action": action}]}

decision := allow if input.resource.route == "allow"

decision := {"effect": "permit"} if input.resource.route == "garbage"

decision := true if input.resource.route == "boolean"

decision := sanitize("encrypt") if input.resource.route == "unknown action"

decision := allow if {
	input.resource.route == "memory"
	count(numbers.range(1, 1000000000)) > 0
}

decision := allow if {
	input.resource.route == "runaway"
	many := numbers.range(1, 1000)
	some x in many
	some y in many
	x == y
	x < 0
}

decision := said("${"ü".repeat(100_000)}") if input.resource.route == "much"

decision := said("${"ü".repeat(150_000)}") if input.resource.route == "too much"

said(text) := {"effect": "deny", "reasons": [{"rule": "t.no", "message": text, "fix": ""}], "obligations": []}

decision := answer if {
	input.resource.route == "conflict"
	some answer in [allow, sanitize("mask")]
}
`;

async function openMoody(folder: Scratch, onFailure?: (failure: PolicyFailure) => void): Promise<Pdp> {
  const bundle = await bundleOf(folder.path("src"), { "admin/access": moody });
  return openPdp({ bundle, maxInputBytes: 4096, ...(onFailure && { onFailure }) });
}

const openOurs = async (): Promise<Pdp> => openPdp({ bundle: await ourBundle() });

const rules = (decision: { readonly reasons: readonly { readonly rule: string }[] }) =>
  decision.reasons.map(({ rule }) => rule);

describe("decide", () => {
  it("answers with a decision that has an id of its own and the revision it was made under", async () => {
    await using pdp = await openOurs();
    const [first, second] = await Promise.all([pdp.decide("rpc/invoke", invoke), pdp.decide("rpc/invoke", invoke)]);
    expect(first).toMatchObject({
      entrypoint: "rpc/invoke",
      revision: pdp.revision,
      effect: "sanitize",
      reasons: [{ rule: "rpc.granted", message: "The operation is granted: g-17" }],
      obligations: [{ path: "/email", action: "redact" }],
    });
    expect(first.id).not.toBe(second.id);
  });

  it.each([
    ["nobody answers", "pdp.undefined"],
    ["garbage", "pdp.malformed"],
    ["boolean", "pdp.malformed"],
    ["unknown action", "pep.unknown_obligation"],
    ["memory", "pdp.trap"],
    ["conflict", "pdp.error"],
    ["runaway", "pdp.budget_exceeded"],
    ["too much", "pdp.error"],
  ])("denies when policy gives %s, under %s", async (route, rule) => {
    await using folder = await scratch();
    const failures: PolicyFailure[] = [];
    await using pdp = await openMoody(folder, (failure) => failures.push(failure));
    const decision = await pdp.decide("admin/access", ask(route));
    expect(decision).toMatchObject({ effect: "deny", obligations: [] });
    expect(rules(decision)).toEqual([rule]);
    expect(decision.reasons[0]?.fix).not.toBe("");
    expect(failures).toMatchObject([{ entrypoint: "admin/access", rule }]);
  });

  it("denies when the answer is longer than a record may be", async () => {
    await using folder = await scratch();
    const parts = `[part | some _ in numbers.range(1, 600); part := "${"0123456789".repeat(100)}"]`;
    const rule = `decision := {"effect": "deny", "reasons": [{"rule": "x", "message": concat("", ${parts}), "fix": ""}], "obligations": []}`;
    await using pdp = await openPdp({ bundle: await bundleOf(folder.path("src"), { "admin/access": rule }) });
    expect(rules(await pdp.decide("admin/access", ask("/admin")))).toEqual(["pdp.error"]);
  });

  it("takes an answer of nearly 256 KiB, so that every field of the largest question can be obliged", async () => {
    await using folder = await scratch();
    await using pdp = await openMoody(folder);
    expect(rules(await pdp.decide("admin/access", ask("much")))).toEqual(["t.no"]);
  });

  it("denies a question larger than it accepts, counted in bytes", async () => {
    await using folder = await scratch();
    await using pdp = await openMoody(folder);
    expect(rules(await pdp.decide("admin/access", ask("ü".repeat(3000))))).toEqual(["pdp.input_too_large"]);
  });

  it.each([
    ["half a letter", "\ud800"],
    ["a number that a double bends", 2 ** 53],
    ["no number", Number.NaN],
    ["a nest", JSON.parse("[".repeat(40) + "]".repeat(40))],
  ])("denies %s before policy sees it", async (_, value) => {
    await using folder = await scratch();
    await using pdp = await openMoody(folder);
    const question = { ...ask("allow"), extra: value } as unknown as AdminAccessInput;
    expect(rules(await pdp.decide("admin/access", question))).toEqual(["pdp.input_malformed"]);
  });

  it("denies a question that no module answers", async () => {
    await using folder = await scratch();
    await using pdp = await openMoody(folder);
    expect(rules(await pdp.decide("rpc/invoke", invoke))).toEqual(["pdp.no_policy"]);
  });

  it.each([undefined, null, 0, "", false, [], "text"])("denies the input %j, which is no question", async (input) => {
    await using folder = await scratch();
    await using pdp = await openMoody(folder);
    const decision = await pdp.decide("admin/access", input as unknown as AdminAccessInput);
    expect(decision.effect).toBe("deny");
  });

  it("denies a question that is not JSON", async () => {
    await using folder = await scratch();
    await using pdp = await openMoody(folder);
    expect(rules(await pdp.decide("admin/access", BigInt(1) as unknown as AdminAccessInput))).toEqual(["pdp.error"]);
  });

  it("throws an instance away that trapped, and the next decisions are right", async () => {
    await using folder = await scratch();
    await using pdp = await openMoody(folder);
    for (let round = 0; round < 50; round++) {
      const routes = ["memory", "allow", "conflict", "allow"];
      const decisions = await Promise.all(routes.map((route) => pdp.decide("admin/access", ask(route))));
      expect(decisions.map(({ effect }) => effect)).toEqual(["deny", "allow", "deny", "allow"]);
    }
  });

  it("lets no rule hold the process for long, however often it is asked", async () => {
    await using folder = await scratch();
    await using pdp = await openMoody(folder);
    const times: number[] = [];
    for (let round = 0; round < 10; round++) {
      const start = performance.now();
      expect(rules(await pdp.decide("admin/access", ask("runaway")))).toEqual(["pdp.budget_exceeded"]);
      times.push(performance.now() - start);
      expect((await pdp.decide("admin/access", ask("allow"))).effect).toBe("allow");
    }
    expect(Math.min(...times)).toBeLessThan(50);
    expect(pdp.stats().get("vivified/admin/policy.wasm")).toMatchObject({ replaced: 10 });
  });

  it("takes as many steps as it is told", async () => {
    await using folder = await scratch();
    const bundle = await bundleOf(folder.path("src"), { "admin/access": moody });
    await using frugal = await openPdp({ bundle, maxSteps: 0 });
    expect((await frugal.decide("admin/access", ask("allow"))).effect).toBe("allow");
    await using generous = await openPdp({ bundle, maxSteps: 2 ** 31 });
    expect(rules(await generous.decide("admin/access", ask("runaway")))).toEqual(["pdp.undefined"]);
  });

  it("survives two thousand aborted questions, which would exhaust an instance that is kept", async () => {
    await using folder = await scratch();
    await using pdp = await openMoody(folder);
    for (let index = 0; index < 2000; index++) await pdp.decide("admin/access", ask("conflict"));
    expect((await pdp.decide("admin/access", ask("allow"))).effect).toBe("allow");
  });

  it("denies everything once it is closed", async () => {
    await using folder = await scratch();
    const pdp = await openMoody(folder);
    await pdp[Symbol.asyncDispose]();
    expect(rules(await pdp.decide("admin/access", ask("allow")))).toEqual(["pdp.no_policy"]);
  });
});

describe("openPdp", () => {
  it("refuses a bundle whose module cannot be run", async () => {
    const bundle = await ourBundle();
    const modules = new Map([...bundle.modules].map(([name]) => [name, Buffer.from("no Wasm")]));
    await expect(openPdp({ bundle: { ...bundle, modules } })).rejects.toMatchObject({
      code: "policy_bundle_refused",
      extra: { fault: "not_runnable" },
    });
  });

  it("refuses a bundle, built by whoever knows more builtins, that asks for one that the engine has not", async () => {
    await using folder = await scratch();
    const floor = await writePolicies(folder.path("src"), { "rpc/invoke": "decision := time.now_ns()" });
    const file = folder.path("src/capabilities.json");
    const known = JSON.parse(await readFile(file, "utf8"));
    const clock = { name: "time.now_ns", decl: { args: [], result: { type: "number" }, type: "function" } };
    await writeFile(file, JSON.stringify({ ...known, builtins: [...known.builtins, clock] }));
    const { bundle } = await buildBundle({ opa, source: { floor } });
    await expect(openPdp({ bundle })).rejects.toMatchObject({
      detail: expect.stringContaining("time.now_ns"),
      extra: { fault: "not_runnable" },
    });
  });

  it("refuses a bundle without a field dictionary", async () => {
    const bundle = await ourBundle();
    const data = { ...bundle.data, dictionary: { entries: 7 } };
    await expect(openPdp({ bundle: { ...bundle, data } })).rejects.toMatchObject({ extra: { fault: "not_runnable" } });
  });

  it("knows the names of the platform's field dictionary", async () => {
    await using pdp = await openOurs();
    const knows = (name: string) => pdp.dictionary.traitsOf(name).join(" ");
    expect(knows("patient_ssn")).toBe("direct_identifier pii");
    expect(knows("medicalRecordNumber")).toBe("direct_identifier phi pii");
    expect(knows("insurance_id")).toBe("direct_identifier phi pii");
    expect(["email", "phone", "address", "full_name", "dateOfBirth", "zip_code"].map(knows)).toEqual(
      Array(6).fill("pii"),
    );
    expect(["diagnosis", "treatment", "medical_history"].map(knows)).toEqual(["phi", "phi", "phi"]);
    expect(["user_id", "email_id", "department", "status", "event_type", "template", "subject"].map(knows)).toEqual(
      Array(7).fill(""),
    );
  });
});
