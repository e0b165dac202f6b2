import { processSpiffeId } from "@vivified/contracts";
import {
  closeServer,
  connectNats,
  createHttpServer,
  createLogger,
  type HttpServer,
  openSvidSource,
  systemClock,
} from "@vivified/runtime";
import { composeLanes } from "./compose-lanes.ts";
import type { GatewayConfig } from "./config.ts";
import { ConnectionWatch } from "./connection-watch.ts";
import { coreRoutes } from "./core-routes/routes.ts";
import { healthRoutes } from "./health-routes.ts";
import { openParts, type Surroundings } from "./open-parts.ts";

export type Gateway = { readonly host: string; readonly port: number };

/** Opens what the gateway stands on, then builds and serves it. Everything is taken down with the stack. */
export async function compose(config: GatewayConfig, stack: AsyncDisposableStack): Promise<Gateway> {
  const logger = createLogger({ process: "gateway", level: config.logLevel });
  const { trustDomain, controlPlaneUrl, joinTokenFile, stateDir: directory } = config;
  const spiffeId = processSpiffeId(trustDomain, "gateway");
  const svid = stack.use(
    await openSvidSource({ spiffeId, trustDomain, directory, controlPlaneUrl, joinTokenFile, logger }),
  );
  const { natsUrl: url, natsUser: user, natsPassword: password } = config;
  const connection = stack.use(await connectNats({ url, user, password, name: `gateway ${config.writerId}`, logger }));
  return serve(config, { logger, clock: systemClock, svid, connection }, stack);
}

/** Builds the gateway in its surroundings. Taken down in reverse: no new calls, then their records, then the rest. */
export async function serve(
  config: GatewayConfig,
  around: Surroundings,
  stack: AsyncDisposableStack,
): Promise<Gateway> {
  const { logger, svid, connection } = around;
  const parts = await openParts(config, around, stack);
  const server = createHttpServer({ logger, tls: { svid, clientCertificates: "required" } });
  const shared = composeLanes(server, { config, around, parts }, stack);
  coreRoutes(server, { ...shared, trustDomain: config.trustDomain, core: parts.core });
  healthRoutes(server, { nats: new ConnectionWatch(connection), snapshot: shared.snapshot, ...parts });
  stack.defer(() => closeServer(server));
  return listen(server, config);
}

async function listen(server: HttpServer, { host, port }: GatewayConfig): Promise<Gateway> {
  await server.listen({ host, port });
  const address = server.server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return { host, port: address.port };
}
