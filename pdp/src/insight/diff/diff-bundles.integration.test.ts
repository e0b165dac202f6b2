import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { opa, ourBundle, type Scratch, scratch } from "../../bundle/policies.fixtures.ts";
import type { PolicyBundle } from "../../bundle/policy-bundle.ts";
import { bundleWith, editedBundle } from "../insight.fixtures.ts";
import { diffBundles } from "./diff-bundles.ts";

let folder: Scratch;
let ours: PolicyBundle;

beforeAll(async () => {
  folder = await scratch();
  ours = await ourBundle();
});
afterAll(() => folder[Symbol.asyncDispose]());

const night = `package custom.rpc.invoke

import data.vivified.reason

# METADATA
# title: Not at night
# description: Nobody sends mail at night.
# custom:
#   id: custom.night
#   severity: low
#   fix: wait
deny["email-gateway.send_email"] contains reason.from(rego.metadata.rule()) if input.attributes.night
`;

describe("diffBundles", () => {
  it("finds nothing between a bundle and itself", async () => {
    const diff = await diffBundles({ opa, from: ours, to: ours });
    expect(diff).toMatchObject({ added: [], removed: [], changed: [], helpers: [], data: [] });
  });

  it("tells rules that are new, and with the sides changed, gone", async () => {
    const more = await bundleWith(folder, { "custom/rpc/invoke/night.rego": night });
    expect((await diffBundles({ opa, from: ours, to: more })).added.map(({ id }) => id)).toEqual(["custom.night"]);
    expect((await diffBundles({ opa, from: more, to: ours })).removed.map(({ id }) => id)).toEqual(["custom.night"]);
  });

  it("tells what of a rule changed, which helpers did, and data by path", async () => {
    const to = await editedBundle(folder, [
      ["vivified/rpc/invoke/invoke.rego", "if not input.grant", "if not input.grant.id"],
      ["vivified/rpc/invoke/invoke.rego", "title: The operation is not granted", "title: Not granted"],
      ["vivified/traits/traits.rego", "needs in held", 'needs in held\n\ncleared(_, held) if "root" in held'],
      ["data/clearances/data.json", '"remove"', '"redact"'],
    ]);
    const { changed, helpers, data, added, removed } = await diffBundles({ opa, from: ours, to });
    expect([added, removed]).toEqual([[], []]);
    expect(changed.map(({ rule, changes }) => [rule, changes.map(({ what }) => what)])).toEqual([
      ["rpc.not_granted", ["title", "text"]],
    ]);
    expect(changed[0]?.changes[1]?.to).toContain("if not input.grant.id");
    expect(helpers).toEqual([{ file: "vivified/traits/traits.rego", name: "cleared", change: "changed" }]);
    expect(data).toEqual([expect.objectContaining({ path: expect.stringMatching(/^\/clearances\//), to: "redact" })]);
  });

  it("tells a rule's new mode as a change of the rule, not of data", async () => {
    const to = await bundleWith(folder, { "modes.json": '{"rpc.not_granted": "report"}' });
    const { changed, data } = await diffBundles({ opa, from: ours, to });
    expect(changed).toMatchObject([
      { rule: "rpc.not_granted", changes: [{ what: "mode", from: "enforce", to: "report" }] },
    ]);
    expect(data).toEqual([]);
  });
});
