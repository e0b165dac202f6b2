import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DecisionRecord, JsonObject } from "@vivified/contracts";
import fc from "fast-check";
import { buildBundle } from "../bundle/build-bundle.ts";
import { opa, ourPolicies, type Scratch } from "../bundle/policies.fixtures.ts";
import type { PolicyBundle } from "../bundle/policy-bundle.ts";
import { type AnyEntrypoint, allEntrypoints, decisionPath } from "../entrypoints.ts";
import type { PinnedJudge } from "./pinned-judge.ts";

/** Our policies with some texts of some files replaced, as another bundle. */
export async function editedBundle(
  folder: Scratch,
  edits: readonly (readonly [file: string, from: string, to: string])[],
): Promise<PolicyBundle> {
  const floor = folder.path(`edited-${Math.random()}`);
  await cp(ourPolicies, floor, { recursive: true });
  for (const [file, from, to] of edits) {
    const text = await readFile(join(floor, file), "utf8");
    if (!text.includes(from)) throw new Error(`${file} does not hold ${from}`);
    await writeFile(join(floor, file), text.replace(from, to));
  }
  return (await buildBundle({ opa, source: { floor } })).bundle;
}

/** Our policies and a customer's files, as one bundle. */
export async function bundleWith(folder: Scratch, files: Readonly<Record<string, string>>): Promise<PolicyBundle> {
  const customer = folder.path(`customer-${Math.random()}`);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(customer, name)), { recursive: true });
    await writeFile(join(customer, name), text);
  }
  return (await buildBundle({ opa, source: { floor: ourPolicies, customer } })).bundle;
}

/** The record of a question that a judge answers now. */
export async function recordOf(judge: PinnedJudge, asked: Asked, decision_id = "d-1"): Promise<DecisionRecord> {
  return {
    kind: "decision",
    decision_id,
    timestamp: "2026-11-26T12:00:00.000Z",
    lane: "rpc",
    path: decisionPath(asked.entrypoint),
    revision: judge.revision,
    snapshot: 1,
    caller: "newsletter",
    action: "invoke",
    resource: "email-gateway.send_email",
    trace_id: "0".repeat(32),
    labels: {},
    ...asked,
    result: await judge.judge(asked),
  };
}

export type Asked = { readonly entrypoint: AnyEntrypoint; readonly input: JsonObject };

const trait = fc.constantFrom("pii", "phi", "financial", "public", "handles_pii", "handles_phi", "external_service");
const traits = fc.uniqueArray(trait, { maxLength: 4 });
const party = fc.record({ id: fc.constantFrom("newsletter", "workflow-orchestrator", "é\u{1f600}"), traits });
const field = fc.record({
  path: fc.constantFrom("/a", "/a/b", "/email", "/ü~1"),
  type: fc.constantFrom("string", "number", "object"),
  traits,
});

/** Any question that policy may be asked, and some that it may not. */
export const anyQuestion: fc.Arbitrary<Asked> = fc.record({
  entrypoint: fc.constantFrom(...allEntrypoints),
  input: fc.record(
    {
      subject: party,
      resource: fc.record({
        event_type: fc.constantFrom("UserCreated", "PatientDataUpdated.v2", "Other"),
        subscriber: party,
        plugin: fc.constantFrom("email-gateway", "user-management"),
        operation: fc.constantFrom("send_email", "get_user"),
        traits,
        requires_traits: traits,
        scheme: fc.constantFrom("https", "smtp", "ftp"),
        host: fc.constantFrom("api.example.com", "localhost"),
        port: fc.constantFrom(443, 25),
        method: fc.constantFrom("GET", "SEND"),
        path: fc.constantFrom("/", "/x"),
        lane_enabled: fc.boolean(),
        route: fc.constantFrom("/admin/users", "/auth/me"),
        status: fc.constantFrom(200, 404),
      }),
      grant: fc.record({ id: fc.constantFrom("g-1", "g-2") }),
      fields: fc.uniqueArray(field, { maxLength: 4, selector: ({ path }) => path }),
      attributes: fc.constant({}),
      lane: fc.constant("rpc"),
      entrypoint: fc.constant("rpc/invoke"),
    },
    { requiredKeys: ["subject", "resource", "fields", "attributes"] },
  ) as fc.Arbitrary<JsonObject>,
});

/** A call of `email-gateway.send_email` by the newsletter, which holds a grant. */
export const sendMail: Asked = {
  entrypoint: "rpc/invoke",
  input: {
    subject: { id: "newsletter", traits: ["notifications"] },
    resource: {
      plugin: "email-gateway",
      operation: "send_email",
      traits: ["external_service", "handles_pii"],
      requires_traits: ["handles_pii"],
    },
    grant: { id: "g-1" },
    fields: [
      { path: "/to", type: "string", traits: ["pii"] },
      { path: "/diagnosis", type: "string", traits: ["phi"] },
    ],
    attributes: {},
  },
};

/** `asked` with parts of its input replaced; `undefined` takes one away. */
export function but({ entrypoint, input }: Asked, parts: { readonly [name: string]: JsonObject | undefined }): Asked {
  const merged = Object.entries({ ...input, ...parts }).filter(([, value]) => value !== undefined);
  return { entrypoint, input: Object.fromEntries(merged) as JsonObject };
}
