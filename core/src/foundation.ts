import { processSpiffeId } from "@vivified/contracts";
import {
  type Clock,
  connectNats,
  createLogger,
  type Logger,
  type NatsConnection,
  openSvidSource,
  type SvidSource,
  systemClock,
} from "@vivified/runtime";
import type { Kysely } from "kysely";
import { type Bell, createBell } from "./bell.ts";
import type { CoreConfig } from "./config.ts";
import { type Atomically, atomicallyOn } from "./database/atomically.ts";
import { migrateWhenReady } from "./database/migrate-when-ready.ts";
import { Database } from "./database/open-database.ts";
import type { Tables } from "./database/tables.ts";
import { type Stores, storesOf } from "./stores.ts";

/** What every domain stands on: identity, database, NATS. */
export type Foundation = {
  readonly config: CoreConfig;
  readonly trustDomain: string;
  readonly mode: "dev" | "production";
  readonly logger: Logger;
  readonly clock: Clock;
  readonly svid: SvidSource;
  readonly nats: NatsConnection;
  readonly db: Kysely<Tables>;
  readonly stores: Stores;
  readonly atomically: Atomically<Stores>;
  /** Rung after every commit. */
  readonly bell: Bell;
};

export async function layFoundation(
  config: CoreConfig,
  stack: AsyncDisposableStack,
  busy: () => void,
): Promise<Foundation> {
  const logger = createLogger({ process: "core", level: config.logLevel });
  const databaseUrl = config.databaseUrl.reveal();
  const { db } = stack.use(new Database({ url: databaseUrl, logger }));
  const svid = stack.use(await openSvid(config, logger));
  const { natsUrl: url, natsUser: user, natsPassword: password } = config;
  const nats = stack.use(await connectNats({ url, user, password, name: "core", logger }));
  await migrateWhenReady({ url: databaseUrl, logger, busy });
  const bell = createBell();
  return {
    config,
    trustDomain: config.trustDomain,
    mode: config.devMode ? "dev" : "production",
    logger,
    clock: systemClock,
    svid,
    nats,
    db,
    stores: storesOf(db),
    atomically: atomicallyOn(db, bell.ring),
    bell,
  };
}

function openSvid(config: CoreConfig, logger: Logger): Promise<SvidSource> {
  const { trustDomain, stateDir: directory, controlPlaneUrl, joinTokenFile } = config;
  const spiffeId = processSpiffeId(trustDomain, "core");
  const token = joinTokenFile === undefined ? {} : { joinTokenFile };
  return openSvidSource({ spiffeId, trustDomain, directory, controlPlaneUrl, logger, ...token });
}
