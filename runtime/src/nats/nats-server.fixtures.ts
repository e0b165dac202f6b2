import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../config/secret.ts";
import { freePort } from "../process/free-port.ts";
import { createLogger } from "../telemetry/logger.ts";
import { connectNats } from "./connect-nats.ts";

/** A real nats-server of a test's own: JetStream as in production (`sync_interval: always`), one user. */
export type TestNats = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  /** Whom a process under test logs in as. */
  readonly user: string;
  readonly password: string;
  /** Holds its configuration and, below `store`, all that JetStream keeps. */
  readonly directory: string;
  /** `through`: another port that leads here. */
  readonly connect: (name?: string, through?: number) => ReturnType<typeof connectNats>;
  /** Ends the server at once, as a crash would (SIGKILL). Its data stays. */
  readonly kill: () => Promise<void>;
  /** Starts it again on the same port and data. */
  readonly start: () => Promise<void>;
  /** Stops it as a slow disk would (SIGSTOP): connections stay, nothing is answered until `resume`. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Lets each of its fsyncs take longer by so many milliseconds from now on. @throws Error without `slowable` */
  readonly slow: (fsyncMs: number) => Promise<void>;
};

export type TestNatsOptions = {
  /** Further settings of JetStream, as `max_file_store: 1MB`. */
  readonly jetstream?: string;
  /** Where its directory is made. */
  readonly below?: string;
  /** Whether its disk can be slowed. It is then told nothing by `pause`. */
  readonly slowable?: boolean;
};

export async function startTestNats({
  jetstream = "",
  below = tmpdir(),
  slowable = false,
}: TestNatsOptions = {}): Promise<TestNats> {
  const directory = await mkdtemp(join(below, "vivified-nats-"));
  const port = await freePort();
  const config = join(directory, "nats.conf");
  await writeFile(config, configText(port, directory, jetstream));
  const delayFile = join(directory, "fsync-ms");
  await writeFile(delayFile, "0");
  const command = slowable ? ["python3", slowFsync, delayFile, binary()] : [binary()];
  const start = () => launch([...command, "-c", config], port);
  let server = await start();
  const kill = () => end(server, "SIGKILL");
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    user,
    password,
    directory,
    connect: (name = "test", through = port) => connectNats({ ...credentials(through), name }),
    kill,
    start: async () => {
      server = await start();
    },
    pause: () => void server.kill("SIGSTOP"),
    resume: () => void server.kill("SIGCONT"),
    slow: async (fsyncMs) => {
      if (!slowable) throw new Error("only a server that was started as slowable can be slowed");
      await writeFile(delayFile, String(fsyncMs));
    },
    [Symbol.asyncDispose]: async () => {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const user = "test";
const password = "test-password-of-a-loopback-server";

function credentials(port: number) {
  const logger = createLogger({ process: "test", level: "silent" });
  return { url: `nats://127.0.0.1:${port}`, user, password: new Secret(password), logger };
}

function configText(port: number, directory: string, jetstream: string): string {
  return `listen: "127.0.0.1:${port}"
jetstream { store_dir: "${directory}/store", sync_interval: always, ${jetstream} }
authorization { user: "${user}", password: "${password}" }
`;
}

const slowFsync = join(import.meta.dirname, "../../../tools/slow-fsync.py");
const binary = () => process.env.VIVIFIED_NATS_SERVER ?? "nats-server";

async function launch([program = "", ...args]: readonly string[], port: number) {
  const server = spawn(program, args, { stdio: "ignore" });
  await once(server, "spawn");
  await using connection = await connectNats({ ...credentials(port), name: "probe" });
  await connection.flush();
  return server;
}

async function end(server: ReturnType<typeof spawn>, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const gone = once(server, "exit");
  server.kill(signal);
  await gone;
}
