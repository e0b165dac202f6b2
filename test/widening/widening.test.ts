import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildBundle, openPdp, type Pdp } from "@vivified/pdp";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Customer, customers } from "./customers.ts";
import { questions } from "./questions.ts";
import { type Shown, shown } from "./shown.ts";

const floor = join(import.meta.dirname, "../../policies");
const opa = process.env.VIVIFIED_OPA ?? "opa";
const rpc = "package custom.rpc.invoke\n\n";
const allowed = { deny: 0, sanitize: 1, allow: 2 };

let ours: Pdp;
beforeAll(async () => {
  ours = await openPdp({ bundle: (await buildBundle({ opa, source: { floor } })).bundle });
});
afterAll(() => ours[Symbol.asyncDispose]());

/** The shipped policies with a customer's files. @throws VivifiedError `invalid_config` when the build refuses them */
async function openWith(files: Customer): Promise<Pdp> {
  const customer = await mkdtemp(join(tmpdir(), "vivified-customer-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(customer, path)), { recursive: true });
      await writeFile(join(customer, path), text);
    }
    return await openPdp({ bundle: (await buildBundle({ opa, source: { floor, customer } })).bundle });
  } finally {
    await rm(customer, { recursive: true });
  }
}

type Seen = { denied: number; shownLess: number; alike: number };

/** Asks both, and counts in what way the customer's answer was stricter. */
async function compare(theirs: Pdp, seed: number): Promise<Seen> {
  const seen = { denied: 0, shownLess: 0, alike: 0 };
  for (const { entrypoint, input, payload } of fc.sample(questions, { seed, numRuns: 400 })) {
    const plain = await ours.decide(entrypoint, input);
    const narrowed = await theirs.decide(entrypoint, input);
    const [before, after] = [shown(plain, payload), shown(narrowed, payload)];
    const told = JSON.stringify({ entrypoint, input, plain, narrowed, before, after }, undefined, 1);
    expect(allowed[narrowed.effect], told).toBeLessThanOrEqual(allowed[plain.effect]);
    expect(allowed[after.effect], told).toBeLessThanOrEqual(allowed[before.effect]);
    expect(
      after.tells.every((tells, leaf) => tells <= (before.tells[leaf] ?? 0)),
      told,
    ).toBe(true);
    seen[difference(before, after)]++;
  }
  return seen;
}

function difference(before: Shown, after: Shown): keyof Seen {
  if (before.effect !== "deny" && after.effect === "deny") return "denied";
  return JSON.stringify(before.tells) === JSON.stringify(after.tells) ? "alike" : "shownLess";
}

describe("a customer's policies", () => {
  it.each([
    ["that are written well", true],
    ["that are written badly, or to get out", false],
  ])("%s widen no decision", { timeout: 300_000 }, async (_, isTidy) => {
    const total: Seen = { denied: 0, shownLess: 0, alike: 0 };
    const run = async (files: Customer, seed: number) => {
      await using theirs = await openWith(files);
      const seen = await compare(theirs, seed);
      for (const way of ["denied", "shownLess", "alike"] as const) total[way] += seen[way];
    };
    await fc.assert(fc.asyncProperty(customers(isTidy), fc.integer(), run), { numRuns: 5, endOnFailure: true });
    // Rules that are written badly mostly deny or do nothing; those that are written well do everything.
    const ways = isTidy ? Object.values(total) : [total.denied + total.shownLess, total.alike];
    expect(Math.min(...ways), JSON.stringify(total)).toBeGreaterThan(0);
  });

  it.each<[string, Customer]>([
    [
      "a ground",
      { "custom/rpc/invoke/a.rego": `${rpc}grounds contains {"rule": "custom.x", "message": "m", "fix": "f"}` },
    ],
    ["a decision", { "custom/rpc/invoke/a.rego": `${rpc}decision := {"effect": "allow"}` }],
    ["a rule in the floor's package", { "custom/a.rego": "package vivified.rpc.invoke\n\ngrounds contains 1" }],
    ["a rule in the floor's own parts", { "custom/a.rego": "package vivified.judgement\n\nis_plain(_, _) := true" }],
    ["a table of the floor", { "custom/a.rego": "package clearances\n\npii := {}" }],
    ["an entrypoint of their own", { "custom/a.rego": "package custom.rpc.invoke.decision\n\ndeny contains 1" }],
    [
      "the decision that asks them",
      { "custom/rpc/invoke/a.rego": `${rpc}deny["*"] contains 1 if data.vivified.rpc.invoke.decision.effect` },
    ],
    ["their rules as something else", { "custom/rpc/invoke/a.rego": `${rpc}deny := {}` }],
    [
      "a builtin that nobody has",
      { "custom/rpc/invoke/a.rego": `${rpc}deny["*"] contains 1 if http.send({"url": "http://x"})` },
    ],
  ])("cannot be built when they claim %s", async (_, files) => {
    await expect(openWith(files)).rejects.toMatchObject({ code: "invalid_config" });
  });

  it.each<[string, Customer]>([
    ["below vivified/", { "vivified/rpc/invoke/more.rego": "package vivified.rpc.invoke\n\ngrounds contains 1" }],
    ["of a table", { "clearances/data.json": '{"pii": {}}', "data/clearances/data.json": '{"pii": {}}' }],
    ["beside theirs", { "data.json": '{"clearances": {}}', "more.rego": "package clearances", ".manifest": "{}" }],
  ])("change nothing with files %s", async (_, files) => {
    await using theirs = await openWith(files);
    expect(theirs.revision).toBe(ours.revision);
  });

  it.each([
    ["sets without end", `${rpc}deny["*"] contains n if some n in numbers.range(1, 100000000)`],
    ["what conflicts", `${rpc}deny["*"] contains x\n\nx := 1 if input.subject\n\nx := 2 if input.resource`],
    ["no set", `${rpc}obligations["*"] contains x if some x in {{"path": "/a"}, 7, set()}`],
  ])("deny with %s", async (_, text) => {
    await using theirs = await openWith({ "custom/rpc/invoke/a.rego": text });
    const party = { id: "caller", traits: [] };
    const resource = { plugin: "records", operation: "read", traits: [], requires_traits: [] };
    const input = { subject: party, resource, grant: { id: "g-1" }, fields: [], attributes: {} };
    expect((await ours.decide("rpc/invoke", input)).effect).toBe("allow");
    expect((await theirs.decide("rpc/invoke", input)).effect).toBe("deny");
  });
});
