import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { auditEventsStream, canonicalEventsStream } from "@vivified/contracts";
import { createLogger, type NatsConnection, writeSvid } from "@vivified/runtime";
import { BlockWriter, decisionOf, outcomeOf } from "../audit/block.fixtures.ts";
import { adminPassword, eventually, type TestCore, TestGround } from "../core.fixtures.ts";
import { startProgram } from "../process.fixtures.ts";
import { diskStorage } from "../transparency/index.ts";

const keys = [
  ...["snapshot.pem", "token.pem", "audit-log.pem", "process.pem", "process-keys.json"],
  ...["policy-keys.json", "bundle.tar.gz"],
];
export const logger = createLogger({ process: "test", level: "silent" });

/** What backup and restore have to know of the servers of a ground; its log lies on a disk. */
export const environmentOf = ({ env }: TestGround) => ({
  databaseUrl: env.VIVIFIED_CORE_DATABASE_URL ?? "",
  storage: diskStorage(env.VIVIFIED_CORE_AUDIT_LOG_DIR ?? ""),
  processKeysFile: env.VIVIFIED_CORE_PROCESS_KEYS_FILE ?? "",
  logger,
});

/** The NATS of tests has one account, and one user, who keeps everything. */
export const keeping = ({ nats: { user } }: TestGround, nats: NatsConnection) => {
  const keeper = { nats, user };
  return { trail: keeper, events: keeper };
};

/** Servers that hold nothing, and the keys, which were kept elsewhere. */
export async function freshGround({ directory }: TestGround): Promise<TestGround> {
  const fresh = await TestGround.open();
  for (const key of keys) await cp(join(directory, key), join(fresh.directory, key));
  const named = await fresh.authority.issue("spiffe://vivified.local/core", { dnsNames: ["localhost"] });
  await writeSvid(join(fresh.directory, "state"), named);
  await using nats = await fresh.nats.connect("installer");
  const { streams } = await jetstreamManager(nats);
  for (const { name } of [auditEventsStream, canonicalEventsStream]) await streams.delete(name);
  return fresh;
}

/** The command of people; gives what it said. */
export async function vivified({ nats: { user } }: TestGround, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, VIVIFIED_BACKUP_NATS_USER: user, VIVIFIED_BACKUP_EVENTS_NATS_USER: user };
  const main = join(import.meta.dirname, "../../../cli/src/main.ts");
  const program = startProgram(process.execPath, [main, ...args], { env });
  await program.succeeded();
  return program.output;
}

/** The options by which `vivified` finds servers, and what was seen of the log. */
export async function restoreOptions(
  fresh: TestGround,
  { vkey, held }: { vkey: string; held: string },
): Promise<string[]> {
  const kept = async (name: string, text: string) => {
    const path = join(fresh.directory, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  };
  const { databaseUrl, processKeysFile } = environmentOf(fresh);
  return [
    ...["--database-url-file", await kept("database-url", databaseUrl), "--nats-url", fresh.nats.url],
    ...["--nats-password-file", await kept("nats-password", fresh.nats.password)],
    ...["--process-keys", processKeysFile],
    ...["--vkey", await kept("log.vkey", vkey), "--checkpoint", await kept("held-checkpoint", held)],
  ];
}

/** What an auditor does afterwards: exports all of it, and verifies that with the key and a checkpoint that was seen. */
export async function verified({ ground, publicUrl }: TestCore, vkey: string): Promise<string> {
  const at = (name: string) => join(ground.directory, name);
  await writeFile(at("ca.pem"), ground.authority.bundlePem);
  await writeFile(at("password"), adminPassword, { mode: 0o600 });
  const url = publicUrl.replace("127.0.0.1", "localhost");
  const login = ["--url", url, "--ca", at("ca.pem"), "--user", "admin", "--password-file", at("password")];
  await vivified(ground, "audit", "export", "--format", "bundle", "-o", at("trail.tar.gz"), ...login);
  const seen = ["--key", vkey, "--checkpoint", at("held-checkpoint")];
  return vivified(ground, "audit", "verify", at("trail.tar.gz"), ...seen);
}

/** Writes decisions with their outcomes until it is disposed of. */
export class Load implements AsyncDisposable {
  /** Ids of the decisions that are durable, in their order. */
  readonly written: string[] = [];
  #loading = true;
  readonly #running: Promise<void>;

  constructor(nats: NatsConnection) {
    this.#running = this.#run(new BlockWriter(nats, "loading"));
  }

  /** Until so many more are written. */
  async more(count: number): Promise<void> {
    const before = this.written.length;
    await eventually(() => this.written.length).toBeGreaterThan(before + count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#loading = false;
    await this.#running;
  }

  async #run(writer: BlockWriter): Promise<void> {
    while (this.#loading) {
      const decision = decisionOf();
      await writer.write([decision, outcomeOf(decision)]);
      this.written.push(decision.decision_id);
    }
  }
}

export const checkpointOf = async (core: TestCore): Promise<string> =>
  (await core.ask("GET /admin/audit/log/checkpoint", { token: await core.logIn() })).body;
export const sizeOf = (checkpoint: string): number => Number(checkpoint.split("\n")[1] ?? 0);

/** Labels of the records of a rule. */
export async function rulesIn(core: TestCore, rule: string): Promise<readonly Record<string, string>[]> {
  const token = await core.logIn();
  const { body } = await core.ask(`GET /admin/decisions?rule=${rule}`, { token });
  const ids: string[] = body.decisions.map(({ decision_id }: { decision_id: string }) => decision_id);
  return Promise.all(ids.map(async (id) => (await core.ask(`GET /admin/decisions/${id}`, { token })).body.labels));
}
