import {
  connectNats,
  createLogger,
  type NatsConnection,
  provisionEvents,
  provisionPlatform,
  Secret,
} from "@vivified/runtime";
import type { Foundation } from "./foundation.ts";
import type { Ground } from "./ground.ts";
import { natsUsersOf } from "./nats/nats-users.ts";
import { requireAccounts } from "./nats/require-accounts.ts";
import { startNats } from "./nats/start-nats.ts";
import { confinedPlace, ordinaryPlace } from "./postgres/postgres-place.ts";
import { databaseUrl, startPostgres } from "./postgres/start-postgres.ts";
import type { Supervised } from "./process/supervised.ts";

export type Database = { readonly url: string; readonly server?: Supervised };

/** Starts PostgreSQL in the home, unless somebody else's was named. */
export async function startDatabase(ground: Ground, stack: AsyncDisposableStack): Promise<Database> {
  const { options, foundation, home, tools, guard, life } = ground;
  if (options.databaseUrl !== undefined) return { url: options.databaseUrl };
  const files = { folder: home.at("postgres"), binaries: tools.postgresBin };
  const asRoot = process.getuid?.() === 0;
  const place = stack.use(
    asRoot
      ? await confinedPlace({ ...files, user: await ground.users.idOf("postgres"), guard })
      : await ordinaryPlace(files),
  );
  const port = foundation.ports.postgres;
  const password = foundation.database.text;
  const logFile = home.at("logs", "postgres.log");
  const server = stack.use(await startPostgres({ place, port, password, logFile, ...life }));
  return { url: databaseUrl(port, password), server };
}

/** Starts NATS with a user for each process, in accounts. @throws Error for a store from before accounts */
export async function startNatsOf(ground: Ground, stack: AsyncDisposableStack): Promise<Supervised> {
  const { home, foundation, tools, life } = ground;
  await requireAccounts(home.at("nats", "store"));
  const config = {
    port: foundation.ports.nats,
    storeDirectory: home.at("nats", "store"),
    storeKey: foundation.natsStoreKey.text,
    users: natsUsersOf(foundation.nats),
  };
  const configFile = home.at("nats", "nats-server.json");
  const logFile = home.at("logs", "nats.log");
  return stack.use(await startNats({ binary: tools.natsServer, config, configFile, logFile, ...life }));
}

/** Connects as the users that may make streams and buckets, and makes them. Gives the one that may write buckets. */
export async function openInstaller(foundation: Foundation, stack: AsyncDisposableStack): Promise<NatsConnection> {
  const installer = stack.use(await connectAs("installer", foundation));
  await provisionPlatform(installer);
  await using events = await connectAs("events-installer", foundation);
  await provisionEvents(events);
  return installer;
}

function connectAs(
  user: "installer" | "events-installer",
  { ports, nats }: Foundation,
): Promise<NatsConnection & AsyncDisposable> {
  return connectNats({
    url: `nats://127.0.0.1:${ports.nats}`,
    user,
    password: new Secret(nats[user].text),
    name: user,
    logger: createLogger({ process: "vivified", level: "silent" }),
  });
}
