import { readFile } from "node:fs/promises";
import type { DecisionRecord } from "@vivified/contracts";
import { type BuiltBundle, buildBundle, parseCases } from "@vivified/pdp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inCheckout } from "../../platform/checkout.ts";
import { opaPath } from "./chosen-bundle.ts";
import { serveCore } from "./core.fixtures.ts";
import { decisionId, type Files, files, policy, recordsOf, sendMail } from "./insight.fixtures.ts";

let folder: Files;
let built: BuiltBundle;
let records: readonly DecisionRecord[];
let password: string;

beforeAll(async () => {
  folder = await files();
  built = await buildBundle({ opa: opaPath(), source: { floor: inCheckout("policies") } });
  const questions = [sendMail([]), sendMail(["handles_pii"]), sendMail([]), sendMail([]), sendMail(["x"])];
  records = await recordsOf(built.bundle, questions);
  password = await folder.write("password", "correct horse battery\n");
});
afterAll(() => folder[Symbol.asyncDispose]());

const core = () => serveCore(records, { [built.bundle.revision]: built.archive });
const at = (url: string) => ["--url", url, "--password-file", password];

describe("the insight commands on a core", () => {
  it("explain a decision by its id, with the revision that decided it", async () => {
    await using served = await core();
    const { code, out } = await policy("explain", decisionId(3), ...at(served.url));
    expect(out).toContain(`decision ${decisionId(3)}`);
    expect(out).toContain("the log, the interpreter and the engine agree");
    expect(code).toBe(0);
    expect(served.asked).toContain(`GET /admin/policies/bundles/${built.bundle.revision}`);
    expect(served.asked.filter((one) => one.includes("/admin/decisions"))).toEqual([
      `GET /admin/decisions/${decisionId(3)}`,
    ]);
  });

  it("say of an id that core does not know, or that is none", async () => {
    await using served = await core();
    const unknown = await policy("explain", decisionId(77), ...at(served.url));
    expect(unknown).toMatchObject({
      code: 2,
      err: expect.stringContaining(`core keeps no decision ${decisionId(77)}`),
    });
    const none = await policy("explain", "d-1", ...at(served.url));
    expect(none).toMatchObject({ code: 2, err: expect.stringContaining("d-1 is not the id of a decision") });
  });

  it("make a case out of a decision that reads back as the same question and answer", async () => {
    await using served = await core();
    const file = folder.path("cases.yaml");
    const first = await policy("case", decisionId(1), ...at(served.url), "--append", file);
    expect(first.code).toBe(0);
    await policy("case", decisionId(0), ...at(served.url), "--append", file, "--name", "without the trait");
    const { cases, faults } = parseCases(await readFile(file, "utf8"), file);
    expect(faults).toEqual([]);
    expect(cases.map(({ name }) => name)).toEqual([
      "newsletter → invoke → email-gateway.send_email: sanitize (000000000001)",
      "without the trait",
    ]);
    expect(cases[0]).toMatchObject({
      ...sendMail(["handles_pii"]),
      expect: { effect: "sanitize", rules: ["rpc.granted"], obligations: [{ path: "/diagnosis", action: "remove" }] },
    });
    await folder.write("repository/modes.json", "{}");
    await folder.write("repository/cases/rpc.yaml", await readFile(file, "utf8"));
    const tested = await policy("test", folder.path("repository"), "--json");
    expect(tested.code).toBe(0);
    const again = await policy("case", decisionId(1), ...at(served.url), "--append", file);
    expect(again).toMatchObject({ code: 2, err: expect.stringContaining("there is another case") });
  });

  it("replay page after page, from and until a time", async () => {
    await using served = await core();
    const options = ["--revision", built.bundle.revision, ...at(served.url), "--json"];
    const all = await policy("replay", "--since", "2026-11-26T00:00:00Z", ...options);
    expect(JSON.parse(all.out).records).toMatchObject({ read: 5, judged: 5, evaluated: 3 });
    const none = await policy("replay", "--until", "2026-11-26T00:00:00Z", ...options);
    expect(JSON.parse(none.out).records.read).toBe(0);
    const wrong = await policy("replay", "--since", "yesterday", ...options);
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining("yesterday is no time") });
  });

  it("verify the whole log, each decision with its own revision", async () => {
    await using served = await serveCore([...records, ...records.map((one) => ({ ...one, revision: "gone" }))], {
      [built.bundle.revision]: built.archive,
    });
    const { code, out } = await policy("replay", "--verify", ...at(served.url));
    expect(out).toContain("5 of 10 decisions come out byte for byte as logged.");
    expect(out).toContain("5 not verified: their revision is not at hand");
    expect(code).toBe(0);
    expect(served.asked.filter((one) => one.includes("bundles/"))).toHaveLength(2);
  });

  it("send no password over a line that is not encrypted", async () => {
    const { code, err } = await policy("explain", decisionId(1), ...at("http://core.example"));
    expect(code).toBe(2);
    expect(err).toContain("--url has to begin with https://");
  });

  it("refuse a bundle that nobody they trust signed", async () => {
    await using served = await core();
    const keys = await folder.write("keys.json", "{}");
    const { code, err } = await policy("explain", decisionId(1), ...at(served.url), "--keys", keys);
    expect(code).toBe(2);
    expect(err).toMatch(/sign|key/);
  });
});
