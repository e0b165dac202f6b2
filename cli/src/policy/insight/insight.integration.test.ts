import { copyFile, cp, readFile } from "node:fs/promises";
import type { PolicyBundle } from "@vivified/pdp";
import { buildBundle } from "@vivified/pdp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inCheckout } from "../../platform/checkout.ts";
import { opaPath } from "./chosen-bundle.ts";
import { decisionId, type Files, files, lines, policy, recordsOf, sendMail } from "./insight.fixtures.ts";

let folder: Files;
let ours: PolicyBundle;
let bundle: string;
/** One denied and two allowed calls. */
let log: string;
/** Our policies, in which nobody needs a grant and everybody needs no trait: the newsletter's denied call is allowed. */
let looser: string;

beforeAll(async () => {
  folder = await files();
  const built = await buildBundle({ opa: opaPath(), source: { floor: inCheckout("policies") } });
  ours = built.bundle;
  bundle = await folder.write("bundle.tar.gz", built.archive);
  const [denied, allowed] = [sendMail([]), sendMail(["handles_pii"])];
  log = await folder.write("log.ndjson", lines(await recordsOf(ours, [denied, allowed, allowed])));
  looser = folder.path("looser");
  await cp(inCheckout("policies"), looser, { recursive: true });
  const file = "vivified/rpc/invoke/invoke.rego";
  const text = await readFile(`${looser}/${file}`, "utf8");
  const trait = "traits.missing(input.resource.requires_traits, input.subject.traits)";
  expect(text).toContain(trait);
  await folder.write(`looser/${file}`, text.replace(trait, "traits.missing([], input.subject.traits)"));
});
afterAll(() => folder[Symbol.asyncDispose]());

describe("vivified policy explain", () => {
  it("explains an input with the shipped policies", async () => {
    const input = await folder.write("input.json", JSON.stringify(sendMail([]).input));
    const { code, out } = await policy("explain", input, "--entrypoint", "rpc/invoke");
    expect(code).toBe(0);
    expect(out).toMatch(/^deny {2}rpc\/invoke/);
    expect(out).toContain("✗ rpc.caller_trait  The caller lacks a trait that the operation asks for: handles_pii");
    expect(out).toContain("  • newsletter had the trait handles_pii  (sanitize)");
  });

  it("explains a record, and says that log, interpreter and engine agree", async () => {
    const [, record] = (await readFile(log, "utf8")).split("\n");
    const file = await folder.write("record.json", record ?? "");
    const { code, out } = await policy("explain", file, "--bundle", bundle);
    expect(code).toBe(0);
    expect(out).toContain("sanitize  rpc/invoke  newsletter → invoke → email-gateway.send_email");
    expect(out).toContain("/diagnosis  remove  carries phi; email-gateway with handles_phi would see it");
    expect(out).toContain("the log, the interpreter and the engine agree");
    const { engines_agree, log_agrees, origins } = JSON.parse(
      (await policy("explain", file, "--bundle", bundle, "--json")).out,
    );
    expect({ engines_agree, log_agrees, origins }).toMatchObject({
      engines_agree: true,
      log_agrees: true,
      origins: [{ traits: ["phi"] }],
    });
  });

  it("prints what the how-to shows", async () => {
    const page = await readFile(inCheckout("docs/how-to/find-out-why.md"), "utf8");
    const [, shown = ""] = /```\n(deny {2}rpc\/invoke[^`]+)```/.exec(page) ?? [];
    const [record] = await recordsOf(ours, [sendMail([])]);
    const file = await folder.write("shown.json", JSON.stringify({ ...record, decision_id: decisionId(3) }));
    const { out } = await policy("explain", file, "--bundle", bundle);
    const steady = (text: string) => text.replaceAll(/revision \w{16}/g, "revision").replaceAll(/\.rego:\d+/g, ".rego");
    expect(steady(out)).toContain(steady(shown).trimEnd());
  });

  it("says that it explains with other policies than those that decided", async () => {
    const [record] = await recordsOf(ours, [sendMail([])]);
    const file = await folder.write("other.json", JSON.stringify(record));
    const { code, out } = await policy("explain", file, "--policies", looser);
    expect(out).toMatch(/^sanitize/);
    expect(out).toContain(`, not ${ours.revision} as it was decided`);
    expect(out).not.toContain("the log");
    expect(code).toBe(0);
  });

  it("says loudly, and with its exit code, that the log says something else", async () => {
    const [record] = await recordsOf(ours, [sendMail(["handles_pii"])]);
    const file = await folder.write(
      "forged.json",
      JSON.stringify({ ...record, result: { ...record?.result, effect: "allow" } }),
    );
    const { code, out } = await policy("explain", file, "--bundle", bundle);
    expect(code).toBe(1);
    expect(out).toContain("!! The log says something else than this revision answers now. !!");
  });

  it.each([
    ["an input without its question", ["input-only.json"], /--entrypoint says of which question \(events\/publish/],
    [
      "a record of what no policy was asked about",
      ["refused.json"],
      /no policy was asked about it\n {2}rpc.unknown {2}There is none\n {6}fix: ask another/,
    ],
    ["what is neither a file nor an id", ["nonsense"], /no platform was ever started in/],
    ["two kinds of policies at once", ["input-only.json", "--bundle", "x", "--revision", "y"], /give one/],
  ])("refuses %s with 2", async (_, [what = "", ...args], why) => {
    const unknown = { rule: "rpc.unknown", message: "There is none", fix: "ask another" };
    await folder.write("input-only.json", "{}");
    await folder.write(
      "refused.json",
      JSON.stringify({ kind: "decision", decision_id: "d", entrypoint: "refused", result: { reasons: [unknown] } }),
    );
    const named = what.endsWith(".json") ? folder.path(what) : what;
    const asked = args.length > 0 ? ["--entrypoint", "rpc/invoke", ...args] : [];
    const { code, err } = await policy("explain", named, "--home", folder.path("no-home"), ...asked);
    expect(err).toMatch(why);
    expect(code).toBe(2);
  });
});

describe("vivified policy replay", () => {
  it("ends with 0 when no decision changes", async () => {
    const { code, out } = await policy("replay", "--file", log, "--bundle", bundle);
    expect(out).toContain("3 of 3 records judged, 2 different questions");
    expect(out).toContain("No decision changes.");
    expect(code).toBe(0);
  });

  it("ends with 1 for a flip that nobody declared, and names a decision to look up", async () => {
    const { code, out } = await policy("replay", "--file", log, "--policies", looser);
    expect(code).toBe(1);
    expect(out).toContain("rpc/invoke  newsletter  no longer by rpc.caller_trait");
    expect(out).toContain(`as decision ${decisionId(0)}`);
    expect(out).toContain("There are changes that nobody declared.");
  });

  it("ends with 0 for a flip that was declared, and tells what was declared and not seen", async () => {
    const flips = ["flips:", "  - {from: deny, to: allow, rule: rpc.caller_trait, because: the trait is gone}"];
    const fields = ["fields:", "  - {path: /email}"];
    const expect_ = await folder.write("flips.yaml", [...flips, ...fields].join("\n"));
    const { code, out } = await policy("replay", "--file", log, "--policies", looser, "--expect", expect_);
    expect(code).toBe(0);
    expect(out).toContain("no longer by rpc.caller_trait  (declared)");
    expect(out).toContain('Declared and not seen\n  {"path":"/email"}');
  });

  it("refuses a declaration that it does not understand", async () => {
    const wrong = await folder.write("wrong.yaml", "flips:\n  - {from: allow, to: maybe}\nfold: 1\n");
    const { code, err } = await policy("replay", "--file", log, "--policies", looser, "--expect", wrong);
    expect(code).toBe(2);
    expect(err).toMatch(/wrong.yaml does not declare changes: .*\/flips\/0\/to/);
  });

  it("ends with 3 when the candidate gives no answer", async () => {
    const broken = folder.path("broken");
    await folder.write(
      "broken/vivified/rpc/invoke/r.rego",
      'package vivified.rpc.invoke\ndecision := {"effect": "allow"}\n',
    );
    await copyFile(inCheckout("policies/capabilities.json"), `${broken}/capabilities.json`);
    const { code, out } = await policy("replay", "--file", log, "--policies", broken);
    expect(code).toBe(3);
    expect(out).toContain("rpc/invoke  newsletter  pdp.malformed");
    expect(out).toContain("The candidate gives no answer where there was one.");
  });

  it("counts what it cannot judge", async () => {
    const outcome = { kind: "outcome", decision_id: "d", outcome: "done", duration_ms: 1 };
    const [record] = await recordsOf(ours, [sendMail([])]);
    const { input: _, ...large } = record ?? {};
    const mixed = await folder.write("mixed.ndjson", `${lines([record, outcome, large])}not json\n`);
    const { out } = await policy("replay", "--file", mixed, "--bundle", bundle, "--json");
    expect(JSON.parse(out).records).toEqual({
      ...{ read: 4, judged: 1, evaluated: 1 },
      not_judged: { no_policy: 0, no_input: 1, masked: 0, outcome: 1, unreadable: 1 },
    });
  });

  it("writes a comment for a pull request in which nothing of a record is markup", async () => {
    const records = await recordsOf(ours, [sendMail([])]);
    const hostile = await folder.write(
      "hostile.ndjson",
      lines(records.map((one) => ({ ...one, caller: "x` |\n<b>" }))),
    );
    const { code, out } = await policy("replay", "--file", hostile, "--policies", looser, "--format", "markdown");
    expect(code).toBe(1);
    expect(out).toContain("**There are changes that nobody declared.**");
    expect(out).toContain("| denied then, allowed now | 1 |");
    expect(out).toContain("| deny → allow | `rpc/invoke` | `x· ··<b>` | `rpc.caller_trait` | 1 | **no** |");
  });

  it("holds every decision to its own revision with --verify", async () => {
    const { code, out } = await policy("replay", "--verify", "--file", log, "--bundle", bundle);
    expect(code).toBe(0);
    expect(out).toContain("3 of 3 decisions come out byte for byte as logged.");
    const records = await recordsOf(ours, [sendMail([])]);
    const changed = records.map((one) => ({
      ...one,
      result: { ...one.result, obligations: [{ path: "/x", action: "mask" }] },
    }));
    const forged = await folder.write("forged.ndjson", lines([...changed, { ...records[0], revision: "gone" }]));
    const other = await policy("replay", "--verify", "--file", forged, "--bundle", bundle);
    expect(other.code).toBe(1);
    expect(other.out).toContain("!! 1 differ from the log !!");
    expect(other.out).toContain("1 not verified: their revision is not at hand");
  });

  it.each([
    ["no policies", ["--file", "LOG"], /which policies\?/],
    ["a time for a file", ["--file", "LOG", "--policies", "x", "--since", "1h"], /no --since or --until/],
    ["a file that is not there", ["--file", "gone", "--bundle", "BUNDLE"], /ENOENT/],
    ["a bundle that is none", ["--file", "LOG", "--bundle", "LOG"], /vivified:/],
  ])("refuses %s with 2", async (_, args, why) => {
    const named = args.map((arg) => arg.replace("LOG", log).replace("BUNDLE", bundle));
    const policies = named.map((arg) => (arg === "x" ? looser : arg));
    const { code, err } = await policy("replay", ...policies);
    expect(err).toMatch(why);
    expect(code).toBe(2);
  });
});

describe("vivified policy diff", () => {
  it("takes a path to nothing for a slip, not for a revision", async () => {
    const { code, err } = await policy("diff", bundle, "./nothing/here");
    expect(code).toBe(2);
    expect(err).toContain("there is no file or folder ./nothing/here");
  });

  it("ends with 0 when nothing differs, and with 1 when a rule does", async () => {
    const same = await policy("diff", bundle, inCheckout("policies"));
    expect(same).toMatchObject({ code: 0, out: expect.stringContaining("Nothing differs.") });
    const { code, out } = await policy("diff", bundle, looser);
    expect(code).toBe(1);
    expect(out).toContain("~ rpc.caller_trait  The caller lacks a trait that the operation asks for");
    expect(out).toContain("      + \tsome trait in traits.missing([], input.subject.traits)");
  });

  it("takes a folder without a floor for a customer's, and tells the effect on real traffic", async () => {
    await folder.write("customer/modes.json", '{"rpc.caller_trait": "off"}');
    const { code, out } = await policy("diff", bundle, folder.path("customer"), "--file", log);
    expect(code).toBe(1);
    expect(out).toContain("      mode: enforce → off");
    expect(out).toContain(`against revision ${ours.revision}`);
    expect(out).not.toContain("declared");
  });

  it("tells it as JSON", async () => {
    const diff = JSON.parse((await policy("diff", bundle, looser, "--json", "--file", log)).out);
    expect(diff.changed).toMatchObject([{ rule: "rpc.caller_trait", changes: [{ what: "text" }] }]);
    expect(diff.effect.totals).toMatchObject({ deny_to_allow: 1, unchanged: 2 });
  });
});
