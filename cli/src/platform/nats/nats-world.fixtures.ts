import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  connectNats,
  createLogger,
  freePort,
  type NatsConnection,
  provisionEvents,
  provisionPlatform,
  Secret,
} from "@vivified/runtime";
import { natsConfigText } from "./nats-config.ts";
import type { NatsUser } from "./nats-permissions.ts";

const users = [
  { kind: "installer", name: "installer" },
  { kind: "events-installer", name: "events-installer" },
  { kind: "core", name: "core" },
  { kind: "control-plane", name: "control-plane" },
  { kind: "gateway", name: "gateway", writer: "gateway-1" },
  { kind: "gateway", name: "gateway-2", writer: "gateway-2" },
] as const satisfies readonly NatsUser[];
export type UserName = (typeof users)[number]["name"];

/** A real nats-server with the users of a platform of two gateways, and its streams and buckets. */
export type NatsWorld = AsyncDisposable & {
  readonly url: string;
  readonly passwordOf: (user: UserName) => string;
  readonly connect: (user: UserName) => Promise<NatsConnection>;
};

export type NatsWorldOptions = {
  /** With the same users and rights, but all of them in one account. */
  readonly oneAccount?: boolean;
  /** Without streams and buckets. */
  readonly empty?: boolean;
};

export async function openNatsWorld({ oneAccount = false, empty = false }: NatsWorldOptions = {}): Promise<NatsWorld> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "vivified-nats-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const port = await freePort();
  const logins = users.map((user) => ({ ...user, password: passwordOf(user.name) }));
  const text = natsConfigText({ port, storeDirectory: join(directory, "store"), storeKey: "key", users: logins });
  const file = join(directory, "nats.json");
  await writeFile(file, oneAccount ? inOneAccount(text) : text);
  const server = spawn(process.env.VIVIFIED_NATS_SERVER ?? "nats-server", ["-c", file], { stdio: "ignore" });
  stack.defer(async () => {
    const gone = once(server, "exit");
    server.kill("SIGKILL");
    await gone;
  });
  if (!empty) await provision(port);
  const opened = stack.move();
  return {
    url: `nats://127.0.0.1:${port}`,
    passwordOf,
    connect: async (user) => {
      const connection = await connectTo(port, user);
      opened.use(connection);
      return connection;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

async function provision(port: number): Promise<void> {
  await using installer = await connectTo(port, "installer");
  await provisionPlatform(installer);
  await using events = await connectTo(port, "events-installer");
  await provisionEvents(events);
}

const passwordOf = (user: UserName): string => `password of ${user}`;

function connectTo(port: number, user: UserName) {
  const logger = createLogger({ process: "test", level: "silent" });
  const password = new Secret(passwordOf(user));
  return connectNats({ url: `nats://127.0.0.1:${port}`, user, password, name: user, logger });
}

function inOneAccount(text: string): string {
  const { accounts, ...rest } = JSON.parse(text) as { accounts: Record<string, { users: readonly object[] }> };
  return JSON.stringify({ ...rest, authorization: { users: Object.values(accounts).flatMap((one) => one.users) } });
}
