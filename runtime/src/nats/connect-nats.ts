import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { Secret } from "../config/secret.ts";
import type { Logger } from "../telemetry/logger.ts";

export type { NatsConnection };
export type NatsOptions = {
  readonly url: string;
  readonly user: string;
  readonly password: Secret;
  /** Shown by the server beside the connection. */
  readonly name: string;
  readonly logger: Logger;
};

/**
 * Connects to NATS and stays connected: it waits for a server that is not up yet and reconnects for ever, so callers see
 * time-outs while it is away and nothing else. Status changes are logged.
 */
export async function connectNats(options: NatsOptions): Promise<NatsConnection & AsyncDisposable> {
  const connection = await connect({
    servers: options.url,
    user: options.user,
    pass: options.password.reveal(),
    name: options.name,
    inboxPrefix: `_INBOX_${options.user}`, // answers that no other user may listen to
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    noAsyncTraces: true, // an error object for every publish, in case it fails, is what the traces cost
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    pingInterval: 5_000,
    maxPingOut: 2,
  });
  void logStatus(connection, options.logger);
  return Object.assign(connection, { [Symbol.asyncDispose]: () => closeWithin(connection, 2_000) });
}

async function logStatus(connection: NatsConnection, logger: Logger): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type !== "ping") logger.info({ nats: status.type }, "nats status");
  }
}

/** Drains what is in flight when the server is there, and closes in any case. */
async function closeWithin(connection: NatsConnection, timeoutMs: number): Promise<void> {
  if (connection.isClosed()) return;
  const timeout = new Promise<void>((resolve) => setTimeout(resolve, timeoutMs).unref());
  await Promise.race([connection.drain(), timeout]);
  if (!connection.isClosed()) await connection.close();
}
