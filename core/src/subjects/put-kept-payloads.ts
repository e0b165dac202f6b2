import type { KeptPayloadRule } from "@vivified/contracts";
import { VivifiedError } from "@vivified/runtime";
import { changeRecord, toldWhole } from "../audit/index.ts";
import type { Atomically } from "../database/atomically.ts";
import type { Requester } from "../policy/index.ts";
import type { Stores } from "../stores.ts";
import type { SubjectParts } from "./subject-parts.ts";

export type PutKeptPayloadsDeps = {
  readonly subjectParts: SubjectParts | undefined;
  readonly atomically: Atomically<Pick<Stores, "subjects" | "revision" | "decisions">>;
};

const reason = { rule: "audit.keeping_changed", message: "What records keep of payloads was changed", fix: "" };

/**
 * Replaces what records keep of payloads; gateways follow with the snapshot.
 *
 * @throws VivifiedError `conflict` 409 for two rules about one thing, and on a platform without a subject secret
 */
export async function putKeptPayloads(
  rules: readonly KeptPayloadRule[],
  requester: Requester,
  deps: PutKeptPayloadsDeps,
): Promise<void> {
  if (deps.subjectParts === undefined && rules.length > 0) {
    throw new VivifiedError("conflict", { detail: "this platform has no key to seal for data subjects" });
  }
  const about = rules.map(({ entrypoint, resource }) => `${entrypoint} ${resource}`);
  if (new Set(about).size < about.length)
    throw new VivifiedError("conflict", { detail: "two rules are about the same" });
  const change = { ...requester, action: "change kept payloads", resource: "kept payloads", reason };
  const labels = toldWhole("rules", rules);
  await deps.atomically(async ({ subjects, revision, decisions }) => {
    await subjects.putRules(rules);
    await revision.advance();
    await decisions.append([changeRecord({ ...change, labels })]);
  });
}
