import { generateKeyPairSync } from "node:crypto";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kvm } from "@nats-io/kv";
import { buckets, policyStatusKey } from "@vivified/contracts";
import { connectNats, createLogger, Secret } from "@vivified/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Ground, openGround } from "./ground.ts";
import { openInstaller, startNatsOf } from "./infrastructure.ts";
import { writeProcessToken } from "./join-tokens.ts";
import { HomeInUseError } from "./lock.ts";
import type { NatsLogins } from "./nats/nats-users.ts";

describe("what a platform stands on", () => {
  const stack = new AsyncDisposableStack();
  let home: string;
  let ground: Ground;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "viv-ground-"));
    stack.defer(() => rm(home, { recursive: true, force: true }));
    ground = await openGround({ home, gateways: 2 }, stack);
    await startNatsOf(ground, stack);
    const installer = await openInstaller(ground.foundation, stack);
    await writeProcessToken("core", join(home, "token"), {
      nats: installer,
      trustDomain: "td",
      rootHash: "h".repeat(43),
      signingKey: generateKeyPairSync("ed25519").privateKey,
    });
  });
  afterAll(() => stack.disposeAsync());

  async function connect(user: "gateway" | "gateway-2" | Exclude<keyof NatsLogins, "gateways">) {
    const url = `nats://127.0.0.1:${ground.foundation.ports.nats}`;
    const logger = createLogger({ process: "test", level: "silent" });
    const { gateways, ...others } = ground.foundation.nats;
    const logins = { ...others, gateway: gateways[0], "gateway-2": gateways[1] };
    const password = new Secret(logins[user]?.text ?? "");
    return stack.use(await connectNats({ url, user, password, name: user, logger }));
  }

  it("belongs to one platform at a time", async () => {
    await using other = new AsyncDisposableStack();
    await expect(openGround({ home }, other)).rejects.toThrow(HomeInUseError);
  });

  it("keeps secrets, keys and tokens from everybody else", async () => {
    const files = ["secrets/nats-core", "keys/snapshot.key.pem", "token", "nats/nats-server.json"];
    const modes = await Promise.all(files.map(async (file) => (await stat(join(home, file))).mode & 0o777));
    expect(modes).toEqual(files.map(() => 0o600));
  });

  it("gives every part a port of its own", () => {
    const ports = Object.values(ground.foundation.ports);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it("lets the gateway publish events and blocks, and refuses it what is core's", async () => {
    const gateway = await connect("gateway");
    const accepted = await gateway.request("events.canonical.UserCreated", "{}", { timeout: 2_000 });
    expect(accepted.json()).toMatchObject({ stream: "CANONICAL_EVENTS", seq: 1 });
    await expect(gateway.request("$KV.SNAPSHOT.current", "forged", { timeout: 300 })).rejects.toThrow();
    await expect(gateway.request("$KV.POLICY.part.x", "forged", { timeout: 300 })).rejects.toThrow();
    for (const verb of ["DELETE", "PURGE", "UPDATE", "MSG.DELETE"]) {
      for (const stream of ["AUDIT_EVENTS", "CANONICAL_EVENTS"]) {
        const request = gateway.request(`$JS.API.STREAM.${verb}.${stream}`, "{}", { timeout: 300 });
        await expect(request).rejects.toThrow();
      }
    }
  });

  it("lets gateways give data subjects a key that core alone erases, and shows it to nobody else", async () => {
    const [gateway, core, controlPlane] = [
      await connect("gateway"),
      await connect("core"),
      await connect("control-plane"),
    ];
    const made = await new Kvm(gateway).open(buckets.subjectKeys).then((keys) => keys.create("subject", "key"));
    const kept = await new Kvm(core).open(buckets.subjectKeys);
    expect((await kept.get("subject"))?.string()).toBe("key");
    const erase = JSON.stringify({ seq: made, no_erase: false });
    const [subject, request] = [`$JS.API.STREAM.MSG.DELETE.KV_${buckets.subjectKeys}`, { timeout: 300 }];
    await expect(gateway.request(subject, erase, request)).rejects.toThrow();
    await expect(controlPlane.request(`$JS.API.DIRECT.GET.KV_${buckets.subjectKeys}`, "{}", request)).rejects.toThrow();
    await expect(core.request(`$KV.${buckets.subjectKeys}.subject`, "forged", request)).rejects.toThrow();
    expect((await core.request(subject, erase, { timeout: 5_000 })).json()).toMatchObject({ success: true });
    expect(await kept.get("subject")).toBeNull();
  });

  it("refuses the control plane what is core's and the gateway's", async () => {
    const controlPlane = await connect("control-plane");
    for (const subject of [
      "$KV.SNAPSHOT.current",
      "$KV.SIGNING_KEYS.gateway.x",
      "$KV.POLICY.part.x",
      "events.canonical.X",
      "audit.blocks.x",
    ]) {
      await expect(controlPlane.request(subject, "forged", { timeout: 300 })).rejects.toThrow();
    }
  });

  it("lets core write blocks of its own, and nobody else", async () => {
    const core = await connect("core");
    const accepted = await core.request("audit.blocks.core", "{}", { timeout: 2_000 });
    expect(accepted.json()).toMatchObject({ stream: "AUDIT_EVENTS" });
    for (const user of ["gateway", "control-plane", "installer"] as const) {
      const other = await connect(user);
      await expect(other.request("audit.blocks.core", "forged", { timeout: 300 })).rejects.toThrow();
      await expect(other.request("audit.blocks.x.core", "forged", { timeout: 300 })).rejects.toThrow();
    }
  });

  it("refuses core the events and the blocks of others", async () => {
    const core = await connect("core");
    await expect(core.request("audit.blocks.gateway-1", "forged", { timeout: 300 })).rejects.toThrow();
    await expect(core.request("events.canonical.UserCreated", "forged", { timeout: 300 })).rejects.toThrow();
    await expect(core.request("$KV.POLICY_STATUS.gateway.x", "forged", { timeout: 300 })).rejects.toThrow();
  });

  it("lets core give out policies, and the gateway say what it made of them", async () => {
    const [core, gateway] = [new Kvm(await connect("core")), new Kvm(await connect("gateway"))];
    await (await core.open(buckets.policy)).put("part.x", "a piece");
    expect((await (await gateway.open(buckets.policy)).get("part.x"))?.string()).toBe("a piece");
    await (await gateway.open(buckets.policyStatus)).put(policyStatusKey("gateway-1"), "taken");
    const told = await (await core.open(buckets.policyStatus)).get(policyStatusKey("gateway-1"));
    expect(told?.string()).toBe("taken");
    await (await core.open(buckets.policy)).purge("part.x");
  });

  it("lets a gateway write its own chains, and no other's, in however many it would like", async () => {
    const second = await connect("gateway-2");
    const accepted = await second.request("audit.blocks.gateway-2-7", "{}", { timeout: 2_000 });
    expect(accepted.json()).toMatchObject({ stream: "AUDIT_EVENTS" });
    for (const writer of ["gateway-1-0", "gateway-1-7", "gateway-1", "gateway-2-8", "gateway-2", "made-up", "x.y"]) {
      await expect(second.request(`audit.blocks.${writer}`, "forged", { timeout: 300 }), writer).rejects.toThrow();
    }
  });

  it("lets a gateway publish its own keys and report, and touch no other's", async () => {
    const [first, second] = [await connect("gateway"), await connect("gateway-2")];
    for (const bucket of [buckets.signingKeys, buckets.policyStatus]) {
      await (await new Kvm(first).open(bucket)).put("gateway.gateway-1", "said");
      for (const subject of [`$KV.${bucket}.gateway.gateway-1`, `$JS.API.STREAM.PURGE.KV_${bucket}`]) {
        await expect(second.request(subject, "{}", { timeout: 300 }), subject).rejects.toThrow();
      }
      expect((await (await new Kvm(second).open(bucket)).get("gateway.gateway-1"))?.string()).toBe("said");
    }
  });

  it("lets nobody listen to another's answers", async () => {
    const core = await connect("core");
    const heard: Error[] = [];
    core.subscribe("_INBOX_gateway.>", { callback: (error) => void (error && heard.push(error)) });
    await expect.poll(() => heard.map(String)).toEqual([expect.stringContaining("_INBOX_gateway.>")]);
  });
});
