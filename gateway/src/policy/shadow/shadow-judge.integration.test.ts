import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Kvm } from "@nats-io/kv";
import { buckets, type Decision, type SnapshotBundle } from "@vivified/contracts";
import { buildBundle, openBundle, type PolicyBundle } from "@vivified/pdp";
import { opa, ourPolicies, shippedBundle } from "@vivified/pdp/fixtures";
import { createLogger, provisionNats, systemClock } from "@vivified/runtime";
import { startTestNats } from "@vivified/runtime/nats-fixtures";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type TestPolicies, testPolicies } from "../test-policies.fixtures.ts";
import { CandidateThread } from "./candidate-thread.ts";
import { ShadowJudge } from "./shadow-judge.ts";

const stack = new AsyncDisposableStack();
let judging = new AsyncDisposableStack();
let policies: TestPolicies;
let open: () => ReturnType<Kvm["open"]>;
let slow: Buffer;

/** Denies everything once its budget is gone: some ten milliseconds of thinking for each question. */
const slowRule = `package custom.rpc.invoke

import data.vivified.reason

# METADATA
# title: Thinks for long
# description: Tries a million pairs.
# custom:
#   id: custom.slow
#   severity: low
#   fix: nothing
deny["*"] contains reason.from(rego.metadata.rule()) if {
	some left in numbers.range(1, 1000)
	some right in numbers.range(1, 1000)
	left % right == -1
}
`;

beforeAll(async () => {
  const nats = stack.use(await startTestNats());
  const connection = stack.use(await nats.connect("test"));
  await provisionNats(connection);
  policies = testPolicies(connection);
  open = () => new Kvm(connection).open(buckets.policy);
  slow = await slowBundle();
}, 120_000);

afterEach(async () => {
  await judging.disposeAsync();
  judging = new AsyncDisposableStack();
});
afterAll(() => stack.disposeAsync());

async function slowBundle(): Promise<Buffer> {
  const customer = await mkdtemp(join(tmpdir(), "vivified-slow-"));
  stack.defer(() => rm(customer, { recursive: true, force: true }));
  const rules = join(customer, "custom", "rpc", "invoke");
  await mkdir(rules, { recursive: true });
  await writeFile(join(rules, "slow.rego"), slowRule);
  const { signer } = policies.signer;
  return (await buildBundle({ opa, source: { floor: ourPolicies, customer }, signer })).archive;
}

const question = {
  entrypoint: "rpc/invoke",
  input: {
    subject: { id: "caller", traits: [] },
    resource: { plugin: "target", operation: "look", traits: [], requires_traits: [] },
    grant: { id: "g-1" },
    fields: [],
    attributes: {},
  },
} as const;
const decision: Decision = {
  ...{ id: "d-1", entrypoint: "rpc/invoke", revision: "r", effect: "allow", obligations: [] },
  reasons: [{ rule: "rpc.call_granted", message: "", fix: "" }],
};

/** A judge that follows a candidate, and the threads that it started. */
function judge(named: SnapshotBundle) {
  const threads: CandidateThread[] = [];
  const startThread = (bundle: PolicyBundle) => {
    const thread = new CandidateThread(bundle);
    threads.push(thread);
    return thread;
  };
  const logger = createLogger({ process: "test", level: "silent" });
  const shadow = judging.use(
    new ShadowJudge({ open, keys: policies.signer.keys, clock: systemClock, logger, startThread }),
  );
  shadow.follow(named);
  return { shadow, threads };
}

const inTime = { timeout: 20_000, interval: 50 };

describe("a judge beside", () => {
  it("takes what fits its queue and skips the rest, while nobody waits", async () => {
    const { shadow } = judge(await policies.put(slow, (await openBundle(slow)).revision));
    const began = performance.now();
    for (let count = 0; count < 10_000; count++) shadow.observe(question, decision);
    expect(performance.now() - began).toBeLessThan(500);
    expect(shadow.report()?.skipped).toBeGreaterThanOrEqual(10_000 - 2_200);
    await expect.poll(() => shadow.report()?.failed, inTime).toBeGreaterThan(0);
    expect(shadow.report()?.examples[0]).toMatchObject({ candidate: "deny", rules: ["pdp.budget_exceeded"] });
  });

  it("ends at once, whatever its thread is at", async () => {
    const { shadow, threads } = judge(await policies.put(slow, (await openBundle(slow)).revision));
    for (let count = 0; count < 2_000; count++) shadow.observe(question, decision);
    await expect.poll(() => threads.length, inTime).toBe(1);
    const began = performance.now();
    await shadow[Symbol.asyncDispose]();
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(shadow.report()).toBeUndefined();
  });

  it("replaces a thread that ended, and tells what it did not answer", async () => {
    const { shadow, threads } = judge(await policies.bundle("mortal"));
    shadow.observe(question, decision);
    await expect.poll(() => shadow.report()?.judged, inTime).toBe(1);
    await threads[0]?.[Symbol.asyncDispose]();
    for (let count = 0; count < 3; count++) shadow.observe(question, decision);
    await expect.poll(() => shadow.report()?.failed, inTime).toBeGreaterThan(0);
    await expect.poll(() => threads.length, inTime).toBe(2);
    shadow.observe(question, decision);
    await expect.poll(() => sum(shadow.report()), inTime).toBe(5);
  });

  it("believes no candidate of a stranger's, and skips what it would have had to judge", async () => {
    const stranger = { ...(await policies.bundle("strange")), sha256: "0".repeat(64) };
    const { shadow, threads } = judge(stranger);
    for (let count = 0; count < 2_001; count++) shadow.observe(question, decision);
    await delay(1_500);
    expect([threads.length, shadow.report()?.judged, shadow.report()?.skipped]).toEqual([0, 0, 1]);
  });

  it("gives no candidate what was too large for policy", async () => {
    const { shadow } = judge(await policies.bundle("large"));
    const reasons = [{ rule: "pdp.input_too_large", message: "", fix: "" }];
    shadow.observe(question, { ...decision, effect: "deny", reasons });
    shadow.observe(question, decision);
    await expect.poll(() => shadow.report()?.judged, inTime).toBe(1);
    expect(shadow.report()?.would_allow).toBe(0);
  });
});

const sum = (report: { judged: number; failed: number } | undefined) => (report?.judged ?? 0) + (report?.failed ?? 0);

describe("a candidate's thread", () => {
  it("is given up when it does not answer in time", async () => {
    await using thread = new CandidateThread(await openBundle(slow), 1);
    await expect(thread.judge(Array(50).fill(question))).rejects.toThrow("does not answer");
  });

  it("says that it has ended, when asked before and after", async () => {
    const thread = new CandidateThread(await openBundle(await shippedBundle()));
    const asked = thread.judge([question]);
    await thread[Symbol.asyncDispose]();
    await expect(asked).rejects.toThrow("has ended");
    await expect(thread.judge([question])).rejects.toThrow("has ended");
  });

  it("ends with a bundle that cannot be run", async () => {
    const bundle = await openBundle(await shippedBundle());
    await using thread = new CandidateThread({ ...bundle, modules: new Map([["rpc", Buffer.from("no Wasm")]]) });
    await expect(thread.judge([question])).rejects.toThrow();
  });
});
