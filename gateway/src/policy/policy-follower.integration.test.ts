import { Kvm } from "@nats-io/kv";
import type { SnapshotDocument, SnapshotPolicy } from "@vivified/contracts";
import { buckets, GatewayPolicyStatus, policyStatusKey } from "@vivified/contracts";
import { type BundleChanges, resealBundle, shippedBundle, testSigner } from "@vivified/pdp/fixtures";
import { putPieces } from "@vivified/runtime";
import { Value } from "typebox/value";
import { afterEach, describe, expect, it } from "vitest";
import { startTestGateway, type TestGateway } from "../gateway.fixtures.ts";
import { snapshotDocument, snapshotOperation, snapshotPlugin } from "../snapshot/snapshot.fixtures.ts";
import { telling } from "./test-policies.fixtures.ts";

let gateway: TestGateway | undefined;
afterEach(async () => gateway?.[Symbol.asyncDispose]());

const target = snapshotPlugin("target", {
  operations: [snapshotOperation("look"), snapshotOperation("guarded", { requires_traits: ["handles_pii"] })],
});
const document: SnapshotDocument = snapshotDocument({
  plugins: [snapshotPlugin("caller"), target],
  grants: ["look", "guarded"].map((operation) => ({
    ...{ id: `g-${operation}`, plugin: "caller", kind: "rpc" as const, target: "target" },
    operation,
  })),
});

async function open(): Promise<TestGateway> {
  gateway = await startTestGateway({ snapshot: document });
  await gateway.startTarget("target");
  return gateway;
}

/** What the gateway says of itself. */
async function status({ connection, config }: TestGateway): Promise<GatewayPolicyStatus> {
  const bucket = await new Kvm(connection).open(buckets.policyStatus);
  const entry = await bucket.get(policyStatusKey(config.writerId));
  return Value.Parse(GatewayPolicyStatus, JSON.parse(entry?.string() ?? "{}"));
}

const health = async ({ ask }: TestGateway) => (await ask("/health", { method: "GET" })).json;
const call = ({ ask }: TestGateway) => ask("/gateway/target/look", { body: {} });

describe("a gateway that follows policies", () => {
  it("takes the policy that the snapshot names, and says so", async () => {
    const own = await open();
    expect(await health(own)).toMatchObject({
      checks: { policy: true },
      policy: { revision: "shipped", activation: 1 },
    });
    await expect.poll(() => status(own)).toMatchObject({ writer: "test-gateway", revision: "shipped", activation: 1 });
    expect((await status(own)).activation_ms).toBeLessThan(5_000);
  });

  it("decides nothing before it has one, and is not ready", async () => {
    gateway = await startTestGateway();
    await gateway.core.publish({ ...document, policy: undefined } as unknown as SnapshotDocument);
    await expect.poll(async () => (await health(gateway as TestGateway)).checks.snapshot).toBe(true);
    expect(await health(gateway)).toMatchObject({ status: "unavailable", checks: { policy: false } });
    const reply = await call(gateway);
    expect([reply.status, reply.json.code]).toEqual([503, "policy_missing"]);
  });

  it("takes the next one, and an earlier revision again under a later activation", async () => {
    const own = await open();
    for (const revision of ["second", "shipped"]) {
      await own.core.publish({ ...document, policy: await own.policies.activation(revision) });
      await expect.poll(async () => (await health(own)).policy.revision).toBe(revision);
      expect((await call(own)).status).toBe(200);
    }
    expect((await health(own)).policy.activation).toBe(3);
  });

  it("never goes back to an earlier activation", async () => {
    const own = await open();
    const earlier = await own.policies.activation("second");
    await own.core.publish({ ...document, policy: await own.policies.activation("third") });
    await expect.poll(async () => (await health(own)).policy.revision).toBe("third");
    await own.core.publish({ ...document, policy: earlier });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await health(own)).policy).toEqual({ revision: "third", activation: 3 });
  });

  it.each<[string, (own: TestGateway) => Promise<SnapshotPolicy>]>([
    ["unsigned", (own) => other(own, {}, undefined)],
    ["unknown_key", (own) => other(own, {}, testSigner("stranger").signer)],
    ["bad_signature", (own) => other(own, {}, testSigner().signer)],
    ["digest_mismatch", async (own) => ({ ...(await own.policies.activation("x")), sha256: "0".repeat(64) })],
    ["malformed", async (own) => ({ ...(await own.policies.activation("x")), revision: "y" })],
    ["not_runnable", (own) => own.policies.activation("x", { files: { "vivified/rpc/policy.wasm": "no Wasm" } })],
    ["malformed", (own) => own.policies.activation("x", { modes: { "rpc.not_granted": "maybe" } })],
  ])("keeps the last good one when the next is %s, and says why", async (fault, make) => {
    const own = await open();
    await own.core.publish({ ...document, policy: await make(own) });
    await expect.poll(async () => (await status(own)).refused?.fault).toBe(fault);
    expect(await status(own)).toMatchObject({ revision: "shipped", activation: 1, refused: { activation: 2 } });
    expect((await call(own)).status).toBe(200);
    await own.core.publish({ ...document, policy: { ...(await own.policies.activation("good")), activation: 9 } });
    await expect.poll(async () => (await status(own)).refused).toBeUndefined();
    expect((await health(own)).policy).toEqual({ revision: "good", activation: 9 });
  });

  it("takes the newest of several that come faster than they can be opened", async () => {
    const own = await open();
    const archive = await resealBundle(await shippedBundle(), { revision: "late" }, own.policies.signer.signer);
    const late = await own.policies.put(archive, "late");
    const bucket = await new Kvm(own.connection).open(buckets.policy);
    for (const part of late.parts) await bucket.purge(`part.${part}`);
    const [bad, good] = [await other(own, {}, undefined), await own.policies.bundle("newest")];
    await own.core.publish({ ...document, policy: { ...late, activation: 5 } });
    await own.core.publish({ ...document, policy: { ...bad, activation: 6 } });
    await own.core.publish({ ...document, policy: { ...good, activation: 7 } });
    await expect.poll(async () => (await health(own)).policy).toEqual({ revision: "newest", activation: 7 });
    await putPieces(archive, bucket);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect((await health(own)).policy).toEqual({ revision: "newest", activation: 7 });
  });

  it("lets no activation wait for an earlier one whose pieces never come", async () => {
    const own = await open();
    const lost = await own.policies.bundle("lost");
    const bucket = await new Kvm(own.connection).open(buckets.policy);
    for (const part of lost.parts) await bucket.purge(`part.${part}`);
    const good = await own.policies.bundle("good");
    await own.core.publish({ ...document, policy: { ...lost, activation: 5 } });
    // By now it is tried every two seconds only.
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    expect((await health(own)).policy.revision).toBe("shipped");
    await own.core.publish({ ...document, policy: { ...good, activation: 6 } });
    await expect.poll(async () => (await status(own)).revision, { timeout: 5_000 }).toBe("good");
    expect((await status(own)).activation_ms).toBeLessThan(1_000);
  }, 30_000);

  it("waits for pieces that are late", async () => {
    const own = await open();
    const archive = await resealBundle(await shippedBundle(), { revision: "late" }, own.policies.signer.signer);
    const late = await own.policies.put(archive, "late");
    const bucket = await new Kvm(own.connection).open(buckets.policy);
    for (const part of late.parts) await bucket.purge(`part.${part}`);
    await own.core.publish({ ...document, policy: { ...late, activation: 5 } });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await health(own)).policy.revision).toBe("shipped");
    await putPieces(archive, bucket);
    await expect.poll(async () => (await health(own)).policy.revision, { timeout: 5_000 }).toBe("late");
  });
});

async function other(own: TestGateway, changes: BundleChanges, signer?: ReturnType<typeof testSigner>["signer"]) {
  const archive = await resealBundle(await shippedBundle(), { ...changes, revision: "x" }, signer);
  return { ...(await own.policies.put(archive, "x")), activation: 2 };
}

describe("a candidate that judges beside", () => {
  it("tells what it would have done, without doing it", async () => {
    const own = await open();
    // In force, nobody asks for the caller's trait; the candidate does, and shows less, and does not answer on replies.
    const active = await own.policies.activation("active", { modes: { "rpc.caller_trait": "off" } });
    const changes = { ...(await telling("candidate")), without: ["vivified/rpc/reply/decision"] };
    const shadow = await own.policies.bundle("candidate", changes);
    await own.core.publish({ ...document, policy: { ...active, shadow } });
    await expect.poll(async () => (await health(own)).policy.revision).toBe("active");
    for (let index = 0; index < 10; index++) {
      expect((await own.ask("/gateway/target/guarded", { body: {} })).status).toBe(200);
    }
    await expect.poll(async () => (await status(own)).shadow?.judged, { timeout: 15_000 }).toBe(20);
    const { shadow: report } = await status(own);
    expect(report).toMatchObject({ revision: "candidate", would_deny: 10, failed: 10, would_allow: 0, skipped: 0 });
    expect(
      report?.examples
        .map(({ rules }) => rules.join())
        .slice(0, 2)
        .sort(),
    ).toEqual(["pdp.no_policy", "rpc.caller_trait"]);
  }, 60_000);

  it("ends when the snapshot names none, and begins anew with another", async () => {
    const own = await open();
    const shadow = await own.policies.bundle("first-candidate");
    await own.core.publish({ ...document, policy: { ...(await own.policies.activation("a")), shadow } });
    await expect.poll(async () => (await status(own)).shadow?.revision, { timeout: 10_000 }).toBe("first-candidate");
    await own.core.publish({ ...document, policy: await own.policies.activation("b") });
    await expect.poll(async () => (await status(own)).shadow, { timeout: 10_000 }).toBeUndefined();
  }, 60_000);
});
