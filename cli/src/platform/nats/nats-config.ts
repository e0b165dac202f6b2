import { type NatsUser, permissionsOf } from "./nats-permissions.ts";

export type NatsConfig = {
  readonly port: number;
  readonly storeDirectory: string;
  /** Encrypts the store at rest: events carry health data. */
  readonly storeKey: string;
  readonly users: readonly (NatsUser & { readonly password: string })[];
};

/** The server's configuration. Acknowledged means on disk: `sync_interval: always` (its default acknowledges before). */
export function natsConfigText(config: NatsConfig): string {
  const users = config.users.map((one) => ({
    user: one.name,
    password: one.password,
    permissions: permissionsOf(one),
  }));
  const jetstream = {
    store_dir: config.storeDirectory,
    sync_interval: "always",
    cipher: "aes",
    key: config.storeKey,
    max_memory_store: 64 * 1024 * 1024,
    max_file_store: 8 * 1024 * 1024 * 1024,
  };
  // nats-server reads JSON as well as its own format
  return `${JSON.stringify(
    {
      server_name: "vivified",
      listen: `127.0.0.1:${config.port}`,
      max_payload: 1024 * 1024,
      jetstream,
      authorization: { users },
    },
    null,
    2,
  )}\n`;
}
