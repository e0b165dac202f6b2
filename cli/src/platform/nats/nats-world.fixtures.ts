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
export type NatsWorld = AsyncDisposable & { readonly connect: (user: UserName) => Promise<NatsConnection> };

/** `oneAccount`: with the same users and rights, but all of them in one account. */
export async function openNatsWorld({ oneAccount = false } = {}): Promise<NatsWorld> {
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "vivified-nats-"));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const port = await freePort();
  const logins = users.map((user) => ({ ...user, password: `password of ${user.name}` }));
  const text = natsConfigText({ port, storeDirectory: join(directory, "store"), storeKey: "key", users: logins });
  const file = join(directory, "nats.json");
  await writeFile(file, oneAccount ? inOneAccount(text) : text);
  const server = spawn(process.env.VIVIFIED_NATS_SERVER ?? "nats-server", ["-c", file], { stdio: "ignore" });
  stack.defer(async () => {
    const gone = once(server, "exit");
    server.kill("SIGKILL");
    await gone;
  });
  await using installer = await connectTo(port, "installer");
  await provisionPlatform(installer);
  await using events = await connectTo(port, "events-installer");
  await provisionEvents(events);
  const opened = stack.move();
  return {
    connect: async (user) => {
      const connection = await connectTo(port, user);
      opened.use(connection);
      return connection;
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

function connectTo(port: number, user: UserName) {
  const logger = createLogger({ process: "test", level: "silent" });
  const password = new Secret(`password of ${user}`);
  return connectNats({ url: `nats://127.0.0.1:${port}`, user, password, name: user, logger });
}

function inOneAccount(text: string): string {
  const { accounts, ...rest } = JSON.parse(text) as { accounts: Record<string, { users: readonly object[] }> };
  return JSON.stringify({ ...rest, authorization: { users: Object.values(accounts).flatMap((one) => one.users) } });
}
