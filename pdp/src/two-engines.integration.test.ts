import type { PolicyInputs, Verdict } from "@vivified/contracts";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBundle } from "./bundle/open-bundle.ts";
import { opa, ourBundle, testSigner } from "./bundle/policies.fixtures.ts";
import type { PolicyBundle } from "./bundle/policy-bundle.ts";
import { resealBundle } from "./bundle/reseal-bundle.fixtures.ts";
import { shippedBundle } from "./bundle/shipped-bundle.fixtures.ts";
import { interpretCases } from "./cases/interpret-cases.ts";
import { judgeCases } from "./cases/judge-cases.ts";
import { openPdp, type Pdp } from "./engine/open-pdp.ts";
import { type AnyEntrypoint, allEntrypoints } from "./entrypoints.ts";
import type { Question } from "./insight/question.ts";
import { writtenCases } from "./two-engines.fixtures.ts";

let bundle: PolicyBundle;
let pdp: Pdp;

beforeAll(async () => {
  bundle = await ourBundle();
  pdp = await openPdp({ bundle });
});

afterAll(() => pdp[Symbol.asyncDispose]());

async function decided({ entrypoint, input }: Question): Promise<Verdict> {
  const asked = input as unknown as PolicyInputs[AnyEntrypoint];
  const { id: _, entrypoint: _asked, revision: _revision, ...verdict } = await pdp.decide(entrypoint, asked);
  return verdict;
}

describe("policies/cases", () => {
  it("come out on both engines as people wrote them down", async () => {
    const judged = await judgeCases({ opa, bundle }, await writtenCases());
    expect(judged.length).toBeGreaterThan(15);
    for (const { case: asked, interpreter, wasm } of judged) expect([...interpreter, ...wasm], asked.name).toEqual([]);
  });

  it("ask every question at least once", async () => {
    const asked = (await writtenCases()).map(({ entrypoint }) => entrypoint);
    expect(new Set(asked)).toEqual(new Set(allEntrypoints));
  });
});

describe("the interpreter and the Wasm engine", () => {
  it("agree on questions that nobody thought of", async () => {
    const asked = fc.sample(anyCase, 600);
    const answers = await interpretCases({ opa, bundle }, asked);
    expect(answers).toHaveLength(600);
    for (const [index, question] of asked.entries()) expect(await decided(question)).toEqual(answers[index]);
  });
});

describe("the cache", () => {
  it("answers every question as the engine does", async () => {
    await using uncached = await openPdp({ bundle, maxCachedAnswers: 0 });
    const answer = async (from: Pdp, { entrypoint, input }: Question) => {
      const { id: _, ...rest } = await from.decide(entrypoint, input as unknown as PolicyInputs[AnyEntrypoint]);
      return rest;
    };
    for (const asked of fc.sample(anyCase, 300)) {
      const fresh = await answer(uncached, asked);
      expect(await answer(pdp, asked)).toEqual(fresh);
      expect(await answer(pdp, asked)).toEqual(fresh);
    }
  });
});

describe("another revision", () => {
  it("never gives an answer that an earlier one kept", async () => {
    const { signer, keys } = testSigner();
    const relaxed = await resealBundle(
      await shippedBundle(),
      { revision: "next", modes: { "rpc.caller_trait": "off" } },
      signer,
    );
    await using next = await openPdp({ bundle: await openBundle(relaxed, { keys }) });
    const resource = { plugin: "p", operation: "o", traits: [], requires_traits: ["handles_pii"] };
    const input = { subject: { id: "s", traits: [] }, resource, grant: { id: "g" }, fields: [], attributes: {} };
    for (let round = 0; round < 3; round++) {
      expect(await pdp.decide("rpc/invoke", input)).toMatchObject({ effect: "deny", revision: bundle.revision });
      expect(await next.decide("rpc/invoke", input)).toMatchObject({ effect: "allow", revision: "next" });
    }
  });
});

const trait = fc.constantFrom(
  ...["pii", "phi", "financial", "confidential", "direct_identifier", "requires_encryption", "public", "unheard_of"],
  ...["handles_pii", "handles_phi", "handles_financial", "external_service", "encryption_capable", "admin_capable"],
);
const traits = fc.uniqueArray(trait, { maxLength: 5 });
const party = fc.record({ id: fc.string(), traits });
const field = fc.record({
  path: fc.constantFrom("", "/a", "/a/b", "/a/*/c", "/ü~1"),
  type: fc.constantFrom("string", "number", "object", "array", "null"),
  traits,
});
const eventType = fc.constantFrom("UserCreated", "UserCreated.v2", "PatientDataUpdated", "PaymentProcessed", "Other");
const resource = fc.record({
  event_type: eventType,
  subscriber: party,
  plugin: fc.string(),
  operation: fc.string(),
  traits,
  requires_traits: traits,
  scheme: fc.constantFrom("http", "https", "smtp", "smtps", "ftp"),
  host: fc.domain(),
  port: fc.nat(65535),
  method: fc.constantFrom("GET", "POST", "SEND"),
  path: fc.webPath(),
  lane_enabled: fc.boolean(),
  status: fc.nat(599),
  route: fc.constantFrom("/admin/users", "/admin/decisions", "/auth/me", "/authx", "/admin"),
});
const anyCase: fc.Arbitrary<Question> = fc.record({
  entrypoint: fc.constantFrom(...allEntrypoints),
  input: fc.record(
    {
      subject: party,
      resource,
      grant: fc.record({ id: fc.string() }),
      fields: fc.uniqueArray(field, { maxLength: 6, selector: ({ path }) => path }),
      attributes: fc.constant({}),
    },
    { requiredKeys: ["subject", "resource", "fields", "attributes"] },
  ),
});
