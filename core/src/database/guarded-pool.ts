import { VivifiedError } from "@vivified/runtime";
import type { PostgresPool, PostgresPoolClient } from "kysely";
import type { Pool, PoolClient } from "pg";

/** The pool as Kysely uses it, with failures of the server told apart from failures of ours. */
export function guardedPool(pool: Pool): PostgresPool {
  return {
    connect: () => pool.connect().then(guardedClient, fail),
    end: () => pool.end(),
    options: pool.options,
  } as PostgresPool;
}

function guardedClient(client: PoolClient): PostgresPoolClient {
  const query = (text: string, values: readonly unknown[]) => client.query(text, [...values]).catch(fail);
  return { query, release: () => client.release() } as unknown as PostgresPoolClient;
}

function fail(cause: unknown): never {
  if (isUnavailable(cause)) throw new VivifiedError("database_unavailable", { cause });
  if (isUnstorable(cause))
    throw new VivifiedError("malformed", { detail: "a text holds a character that cannot be kept", cause });
  throw cause;
}

/** SQLSTATE classes: connection, resources, operator intervention, system; and what the driver says without one. */
const unavailableState = /^(08|53|57P|58)/;
const unavailableCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOENT",
  "EHOSTUNREACH",
  "57014",
  "25P03",
]);
const unavailableMessage = /timeout|connection terminated|connection ended|not queryable|connection error/i;

function isUnavailable(error: unknown): boolean {
  const code = sqlState(error);
  if (code !== undefined) return unavailableState.test(code) || unavailableCodes.has(code);
  return error instanceof Error && unavailableMessage.test(error.message);
}

/** `\u0000` and the like are JSON, but no text of PostgreSQL. */
function isUnstorable(error: unknown): boolean {
  return ["22021", "22P05"].includes(sqlState(error) ?? "");
}

/** The SQLSTATE or system code of an error, where there is one. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
