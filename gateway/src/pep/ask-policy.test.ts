import type { Decision, PolicyInputs } from "@vivified/contracts";
import { parseDictionary } from "@vivified/pdp";
import { describe, expect, it } from "vitest";
import { compileSnapshot } from "../snapshot/compile-snapshot.ts";
import { snapshotDocument, snapshotPlugin } from "../snapshot/snapshot.fixtures.ts";
import { askPolicy } from "./ask-policy.ts";
import type { Question } from "./question.ts";

const snapshot = compileSnapshot(
  snapshotDocument({ plugins: ["publisher", "reader"].map((id) => snapshotPlugin(id)) }),
  1,
);
const decision: Decision = {
  id: "d",
  entrypoint: "events/deliver",
  revision: "r",
  effect: "deny",
  reasons: [],
  obligations: [],
};

function delivery(traits: readonly string[]): Question<"events/deliver"> {
  const [subject, subscriber] = [snapshot.plugins.get("publisher"), snapshot.plugins.get("reader")];
  if (!subject || !subscriber) throw new Error("fixture");
  const resource = { eventType: "PatientSeen", traits, subscriber };
  return { entrypoint: "events/deliver", traceId: "t", subject, resource, payload: { mrn: "1" } };
}

describe("askPolicy", () => {
  it("tells policy all that an event carries: what it was stored with, and what its fields say now", async () => {
    const entries = [{ title: "record numbers", traits: ["phi", "pii"], names: ["mrn"], exact: [] }];
    const dictionary = parseDictionary({ entries, prefixes: [], suffixes: [], neutral: [] });
    const { input } = await askPolicy(delivery(["financial", "pii"]), {
      policy: () => ({ decide: async () => decision, dictionary }),
      snapshot: () => snapshot,
    });
    const { resource } = input as PolicyInputs["events/deliver"];
    expect(resource.traits).toEqual(["financial", "phi", "pii"]);
  });
});
