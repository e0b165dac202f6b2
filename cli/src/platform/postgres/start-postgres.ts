import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Life, Supervised } from "../process/supervised.ts";
import { databaseName, makeCluster, postgresEnvironment } from "./make-cluster.ts";
import type { PostgresPlace } from "./postgres-place.ts";

export type PostgresOptions = Life & {
  readonly place: PostgresPlace;
  readonly port: number;
  readonly password: string;
  readonly logFile: string;
};

/** Starts PostgreSQL on loopback, with the database and role of core. */
export async function startPostgres({ place, port, password, logFile, ...life }: PostgresOptions): Promise<Supervised> {
  await makeCluster(place, password);
  const command = {
    name: "postgres",
    ...place.program("postgres", ["-D", place.data, ...settings(port)]),
    env: postgresEnvironment(),
    logFile,
    stopSignal: "SIGINT", // its "fast" shutdown: ends sessions, writes a checkpoint
  } as const;
  const stateFile = join(place.dataOutside, "postmaster.pid");
  let before = "";
  const prepare = async () => {
    before = await readState(stateFile);
  };
  return Supervised.start({ ...life, command, prepare, ready: () => untilReady(stateFile, before) });
}

export function databaseUrl(port: number, password: string): string {
  return `postgres://${databaseName}:${password}@127.0.0.1:${port}/${databaseName}`;
}

function settings(port: number): string[] {
  const values = {
    port,
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    max_connections: 60,
    shared_buffers: "64MB",
    log_checkpoints: "off",
  };
  return Object.entries(values).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

/** The server writes its state into the eighth line (`pg_ctl -w` waits for it, too). A crash leaves the file as it was. */
async function untilReady(stateFile: string, before: string): Promise<void> {
  for (;;) {
    const state = await readState(stateFile);
    if (state !== before && state.split("\n")[7]?.trim() === "ready") return;
    await sleep(25);
  }
}

function readState(stateFile: string): Promise<string> {
  return readFile(stateFile, "utf8").catch(() => "");
}
