import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kvm } from "@nats-io/kv";
import { type Platform, startPlatform } from "@vivified/cli";
import { buckets, type GatewayPolicyStatus, policyStatusKey } from "@vivified/contracts";
import { type BundleChanges, resealBundle } from "@vivified/pdp/fixtures";
import { connectNats, createLogger, Secret } from "@vivified/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Command } from "../src/index.ts";

const stack = new AsyncDisposableStack();
let home: string;
let platform: Platform;
/** What one more gateway says of itself. */
let say: (status: Partial<GatewayPolicyStatus>) => Promise<unknown>;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "viv-policy-"));
  stack.defer(() => rm(home, { recursive: true, force: true }));
  platform = stack.use(await startPlatform({ home, isolation: "off" }));
  say = await anotherGateway();
  await Promise.all(["ann", "ben"].map(addPerson));
});
afterAll(() => stack.disposeAsync());

async function anotherGateway() {
  const { nats: port } = JSON.parse(await readFile(join(home, "ports.json"), "utf8")) as { nats: number };
  const password = new Secret((await readFile(join(home, "secrets/nats-installer"), "utf8")).trim());
  const logger = createLogger({ process: "test", level: "silent" });
  const options = { url: `nats://127.0.0.1:${port}`, user: "installer", password, name: "test", logger };
  const bucket = await new Kvm(stack.use(await connectNats(options))).open(buckets.policyStatus);
  const writer = "gateway-9";
  return (status: Partial<GatewayPolicyStatus>) => {
    const told = { writer, activation: 1, reported_at: new Date().toISOString(), ...status };
    return bucket.put(policyStatusKey(writer), JSON.stringify(told));
  };
}

async function addPerson(username: string): Promise<void> {
  const password = "a password that is long enough";
  const email = `${username}@demo.example`;
  await platform.api.createUser({ username, email, full_name: username, password, roles: ["security"] });
  await writeFile(join(home, `${username}.password`), `${password}\n`);
}

/** A signed bundle as a file. */
async function bundleFile(revision: string, changes: BundleChanges = {}): Promise<string> {
  const shipped = await readFile(join(home, "policies/bundle.tar.gz"));
  const privateKeyPem = await readFile(join(home, "keys/policy.key.pem"), "utf8");
  const file = join(home, `${revision}.tar.gz`);
  await writeFile(file, await resealBundle(shipped, { revision, ...changes }, { keyId: "platform", privateKeyPem }));
  return file;
}

type Ended = { readonly code: number | string; readonly output: string };

async function policy(person: string, ...args: string[]): Promise<Ended> {
  const who = ["--home", home, "--user", person, "--password-file", join(home, `${person}.password`)];
  const command = new Command(["policy", ...args, ...who]);
  const code = await command.exit();
  return { code, output: command.output };
}
/** Each look starts a process. */
const patient = { timeout: 20_000 };
const json = async (...args: string[]) => JSON.parse((await policy("ann", ...args, "--json")).output);

describe("vivified policy", () => {
  it("shows what is in force, and waits for nobody when nothing waits", async () => {
    const { code, output } = await policy("ann", "status");
    expect(code).toBe(0);
    expect(output).toMatch(/in force\n {2}[0-9a-f]{16} {2}activation 1, bootstrap by core/);
    expect((await json("status")).active).toMatchObject({ id: 1, kind: "bootstrap" });
  });

  it("publishes a bundle and waits until every gateway follows", async () => {
    await say({});
    const publishing = policy("ann", "publish", await bundleFile("v2", { serial: 2 }), "-m", "better", "--wait", "20");
    await expect.poll(async () => (await json("status")).active.revision, patient).toBe("v2");
    await say({ activation: 2, revision: "v2", activation_ms: 41.3 });
    const { code, output } = await publishing;
    expect(output).toContain("policy v2 is in force (activation 2)");
    expect(output).toMatch(/gateway-9 {2}follows after 41 ms/);
    expect(output).toMatch(/gateway-1 {2}follows after \d+ ms/); // the real one
    expect(code).toBe(0);
  });

  it("says which gateway does not follow", async () => {
    const file = await bundleFile("v3", { serial: 3 });
    const late = await policy("ann", "publish", file, "-m", "next", "--wait", "0.5");
    expect(late.output).toContain("gateway-9  has not said so within 0.5 s (it runs activation 2)");
    expect(late.code).toBe(3);
    await say({ activation: 2, refused: { activation: 4, fault: "bad_signature", detail: "not by this key" } });
    const refused = await policy("ann", "rollback", "-m", "back", "--wait", "0.5");
    expect(refused.output).toContain("gateway-9  refuses it: bad_signature, not by this key");
    expect(refused.code).toBe(3);
    expect((await policy("ann", "status")).output).toContain("refuses activation 4: bad_signature");
    await say({ reported_at: "2026-01-01T00:00:00Z" });
    expect((await policy("ann", "status")).output).toContain("gone, last heard of 2026-01-01T00:00:00Z");
    const back = await policy("ann", "publish", "v3", "-m", "nobody waits for what is gone");
    expect(back.code).toBe(0);
    expect(await policy("ann", "rollback", "-m", "back")).toMatchObject({ code: 0 });
  });

  it("ends with 1 when core refuses, and says why", async () => {
    const older = await policy("ann", "publish", await bundleFile("v1", { serial: 1 }), "-m", "old");
    expect(older).toMatchObject({ code: 1, output: expect.stringContaining("older_revision") });
    await writeFile(join(home, "bad.tar.gz"), "nonsense");
    const bad = await policy("ann", "publish", join(home, "bad.tar.gz"), "-m", "bad", "--json");
    expect(bad).toMatchObject({ code: 1, output: expect.stringContaining('"fault": "malformed"') });
    expect(await policy("ann", "publish", "unknown", "-m", "x")).toMatchObject({ code: 1 });
    expect(await policy("ann", "approve", "77")).toMatchObject({ code: 1 });
  });

  it("ends with 4 when a second person has to approve, who is not the first", async () => {
    const file = await bundleFile("lax", { serial: 9, modes: { "rpc.not_granted": "report" } });
    const asked = await policy("ann", "publish", file, "-m", "trial");
    expect(asked.output).toContain("! floor rule rpc.not_granted is report");
    expect(asked.output).toContain("vivified policy approve 7");
    expect(asked.code).toBe(4);
    expect((await policy("ann", "status")).output).toContain("waits for a second person\n  lax  activation 7");
    expect(await policy("ann", "approve", "7")).toMatchObject({ code: 1, output: expect.stringContaining("denied") });
    expect(await policy("ben", "approve", "7")).toMatchObject({ code: 0 });
    expect((await json("status")).active).toMatchObject({ id: 7, revision: "lax" });
    expect(await policy("ann", "rollback", "-m", "enough", "--wait", "0")).toMatchObject({ code: 0 });
    expect(await policy("ann", "rollback", "lax", "-m", "again")).toMatchObject({ code: 4 });
    expect(await policy("ben", "reject", "9")).toMatchObject({ code: 0, output: expect.stringContaining("rejected") });
  });

  it("raises an alert that goes over the publish lane like any event", async () => {
    const alerts = async () => {
      const { decisions } = await platform.api.decisions({ caller: "core", action: "publish" });
      return decisions.map(({ resource, effect }) => `${resource} ${effect}`);
    };
    await expect.poll(alerts, patient).toContain("SecurityAlert allow");
  });

  it("lets a candidate judge live traffic, reports what it would do, and ends it", async () => {
    const started = await policy("ann", "shadow", "start", await bundleFile("candidate", { serial: 10 }));
    expect(started).toMatchObject({ code: 0, output: expect.stringContaining("candidate candidate judges live") });
    const shadow = {
      ...{ revision: "candidate", since: "2026-11-26T10:00:00Z", judged: 200, skipped: 3, failed: 0 },
      ...{ would_deny: 2, would_allow: 1, fields_changed: 4 },
      examples: [
        { decision_id: "01-x", entrypoint: "rpc/invoke", active: "allow", candidate: "deny", rules: ["custom.x"] },
      ],
    };
    await say({ activation: 8, shadow });
    await expect
      .poll(async () => (await policy("ann", "shadow", "report")).output, patient)
      .toContain("200 (3 did not fit");
    const report = await policy("ann", "shadow", "report");
    expect(report.output).toMatch(/would deny +2\n/);
    expect(report.output).toContain("01-x  rpc/invoke: allow → deny  custom.x");
    expect(await policy("ann", "shadow", "stop")).toMatchObject({ code: 0 });
    expect(await policy("ann", "shadow", "report")).toMatchObject({ code: 1 });
  });

  it("explains a decision under the policy that made it, and judges the whole log again, each by its own", async () => {
    const { decisions } = await platform.api.decisions({ limit: 1000 });
    const asked = decisions.filter(({ entrypoint }) => entrypoint === "admin/access");
    expect(new Set(asked.map(({ revision }) => revision)).size).toBeGreaterThan(2);
    const { decision_id = "", revision = "" } = asked.find((one) => one.revision === "v2") ?? {};
    const { output, code } = await policy("ann", "explain", decision_id);
    expect(output).toContain(`revision ${revision}`);
    expect(output).toContain("the log, the interpreter and the engine agree");
    expect(code).toBe(0);
    const written = await policy("ann", "case", decision_id);
    expect(written.output).toContain("    ask: admin/access\n");
    const verified = await policy("ann", "replay", "--verify");
    expect(verified).toMatchObject({ code: 0, output: expect.stringContaining("None differs.") });
    expect(verified.output).not.toContain("their revision is not at hand");
  });

  it("judges what was logged with a revision that core keeps", async () => {
    const { output, code } = await policy("ann", "replay", "--since", "1h", "--revision", "v2");
    expect(output).toContain("Candidate v2 against the log");
    expect(output).toContain("not judged: no policy was asked about them");
    expect(output).toContain("No decision changes.");
    expect(code).toBe(0);
  });

  it("ends with 2 when it is asked wrongly or finds no platform", async () => {
    expect(await policy("ann", "publish", "v2")).toMatchObject({ code: 2, output: expect.stringContaining("--note") });
    expect(await policy("ann", "approve", "seven")).toMatchObject({ code: 2 });
    expect(await policy("ann", "publish", "v2", "-m", "x", "--wait", "soon")).toMatchObject({ code: 2 });
    expect(await policy("nobody", "status")).toMatchObject({ code: 2 });
    await writeFile(join(home, "eve.password"), "a password that is wrong");
    expect(await policy("eve", "status")).toMatchObject({ code: 2, output: expect.stringContaining("401") });
    const nowhere = new Command(["policy", "status", "--home", join(home, "nothing-here")]);
    expect([await nowhere.exit(), nowhere.output]).toEqual([
      2,
      expect.stringContaining("no platform was ever started"),
    ]);
  });

  it("finds any core by its address, and tells its exit codes", async () => {
    const at = ["--url", platform.apiUrl, "--ca", platform.caFile, "--user", "ann"];
    const command = new Command(["policy", "status", ...at, "--password-file", join(home, "ann.password")]);
    expect([await command.exit(), command.output]).toEqual([0, expect.stringContaining("in force")]);
    const help = new Command(["policy", "publish", "--help"]);
    expect(await help.exit()).toBe(0);
    expect(help.output).toMatch(/Exit codes:\n {2}0 {2}done\n {2}1 .*\n {2}2 .*\n {2}3 .*\n {2}4 {2}a second person/);
  });
});
