import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { auditEventsStream, canonicalEventsStream } from "@vivified/contracts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openNatsWorld } from "../../cli/src/platform/nats/nats-world.fixtures.ts";
import { Command, createUser, type DevEnv, done, openDatabase, openDevEnv } from "../src/index.ts";

/** The backup of a platform as people have one, whose NATS has accounts, onto servers that hold nothing. */
describe("a backup of a running platform", () => {
  const stack = new AsyncDisposableStack();
  let env: DevEnv;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "viv-backup-"));
    stack.defer(() => rm(folder, { recursive: true, force: true }));
    env = stack.use(await openDevEnv());
    const { traceId } = await createUser(env.platform);
    await done(env.platform, { trace_id: traceId, action: "publish" }, { resource: "OnboardingCompleted" });
  });
  afterAll(() => stack.disposeAsync());

  async function vivified(...args: readonly string[]): Promise<string> {
    const command = new Command(args);
    const code = await command.exit();
    expect(code, command.output).toBe(0);
    return command.output;
  }
  async function kept(name: string, text: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  }

  it("brings the trail and the events back, each to the account that keeps it", async () => {
    const directory = join(folder, "backup");
    expect(await vivified("backup", directory, "--home", env.platform.home.path)).toContain("keys are not in it");
    const nats = stack.use(await openNatsWorld({ empty: true }));
    const database = stack.use(await openDatabase());
    const restored = await vivified(
      ...["restore", directory, "--nats-url", nats.url, "--log-dir", join(folder, "audit-log")],
      ...["--database-url-file", await kept("database-url", database.url)],
      ...["--nats-password-file", await kept("installer", nats.passwordOf("installer"))],
      ...["--events-password-file", await kept("events-installer", nats.passwordOf("events-installer"))],
      ...["--vkey", env.platform.home.at("keys", "audit-log.vkey")],
      ...["--process-keys", env.platform.home.at("keys", "process-keys.json")],
    );
    expect(restored).toMatch(/restored: [1-9][0-9]* blocks are those of the rows/);
    const streamsOf = async (user: "installer" | "events-installer") => {
      const manager = await jetstreamManager(await nats.connect(user));
      return (await manager.streams.list().next()).map(({ config, state }) => [config.name, state.messages > 0]);
    };
    expect(await streamsOf("installer")).toEqual([[auditEventsStream.name, true]]);
    expect(await streamsOf("events-installer")).toEqual([[canonicalEventsStream.name, true]]);
  });
});
