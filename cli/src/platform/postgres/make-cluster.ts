import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { PostgresPlace } from "./postgres-place.ts";

/** The database that core uses, and the role that owns it and logs in. */
export const databaseName = "vivified";

const finished = "vivified-cluster-is-complete";

/**
 * Makes the cluster and its database once. A first start that was cut short is found by its missing mark and begun anew.
 *
 * @throws Error with what initdb or postgres said
 */
export async function makeCluster(place: PostgresPlace, password: string): Promise<void> {
  const files = await readdir(place.dataOutside);
  if (files.includes(finished)) return;
  await Promise.all(files.map((name) => rm(join(place.dataOutside, name), { recursive: true })));
  await run(place, "initdb", initdbArguments(place));
  await run(place, "postgres", ["--single", "-D", place.data, "postgres"], creation(password));
  await writeFile(join(place.dataOutside, "pg_hba.conf"), admission);
  await writeFile(join(place.dataOutside, finished), "");
}

/** Nobody may come in but core's role, to its own database, over loopback, with its password. */
const admission = `host ${databaseName} ${databaseName} 127.0.0.1/32 scram-sha-256\n`;

function initdbArguments({ data }: PostgresPlace): string[] {
  const locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"];
  return ["-D", data, "--username=postgres", "--auth=reject", ...locale, "--set", "timezone=UTC"];
}

/** Single-user mode takes one statement a line. The password is ours: base64url, nothing to quote. */
function creation(password: string): string {
  const statements = [
    `CREATE ROLE ${databaseName} LOGIN PASSWORD '${password}'`,
    `CREATE DATABASE ${databaseName} OWNER ${databaseName}`,
    `REVOKE ALL ON DATABASE ${databaseName} FROM PUBLIC`,
  ];
  return `${statements.join(";\n")};\n`;
}

async function run(place: PostgresPlace, name: string, args: readonly string[], input = ""): Promise<void> {
  const program = place.program(name, args);
  const started = spawn(program.file, program.args, { env: postgresEnvironment() });
  started.stdin.on("error", () => undefined).end(input);
  const said = Promise.all([text(started.stdout), text(started.stderr)]);
  const [code, signal] = await once(started, "close");
  const complaints = (await said)[1].split("\n").filter((line) => /\b(ERROR|FATAL|PANIC)\b/.test(line));
  if (code === 0 && complaints.length === 0) return;
  throw new Error(`${name} ended with ${signal ?? `code ${code}`}\n${(await said).join("\n").trim()}`);
}

export function postgresEnvironment(): Record<string, string> {
  return { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C", TZ: "UTC" };
}
