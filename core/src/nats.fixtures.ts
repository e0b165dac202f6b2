import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectNats, createLogger, type NatsConnection, provisionNats, Secret } from "@vivified/runtime";
import { freePort } from "./ports.fixtures.ts";
import { type Program, startProgram } from "./process.fixtures.ts";

/** A real nats-server with JetStream that writes through, and the streams and buckets of the platform. */
export class TestNats implements AsyncDisposable {
  readonly url: string;
  readonly #directory: string;
  #program: Program;

  private constructor(url: string, directory: string, program: Program) {
    this.url = url;
    this.#directory = directory;
    this.#program = program;
  }

  static async start(): Promise<TestNats> {
    const directory = await mkdtemp(join(tmpdir(), "vivified-nats-"));
    const port = await freePort();
    await writeFile(join(directory, "nats.conf"), configuration(port, directory));
    const nats = new TestNats(`nats://127.0.0.1:${port}`, directory, run(directory));
    const installer = await nats.connect("installer");
    await provisionNats(installer);
    await installer.close();
    return nats;
  }

  connect(user: "installer" | "core" | "gateway"): Promise<NatsConnection & AsyncDisposable> {
    const logger = createLogger({ process: "test", level: "silent" });
    return connectNats({ url: this.url, user, password: new Secret("test"), name: user, logger });
  }

  async restart(): Promise<void> {
    await this.#program.stop("SIGKILL");
    this.#program = run(this.#directory);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program.stop("SIGKILL");
    await rm(this.#directory, { recursive: true, force: true });
  }
}

function run(directory: string): Program {
  const binary = process.env.VIVIFIED_NATS_SERVER ?? "nats-server";
  return startProgram(binary, ["-c", join(directory, "nats.conf")]);
}

function configuration(port: number, directory: string): string {
  const users = ["installer", "core", "gateway"].map((user) => `{ user: ${user}, password: test }`);
  return [
    `listen: "127.0.0.1:${port}"`,
    `jetstream { store_dir: "${directory}/data", sync_interval: always }`,
    `authorization { users: [${users.join(", ")}] }`,
  ].join("\n");
}
