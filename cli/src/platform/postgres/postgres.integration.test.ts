import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Guard } from "../guard/guard.ts";
import { openPorts } from "../ports.ts";
import type { Supervised } from "../process/supervised.ts";
import { confinedPlace, ordinaryPlace, type PostgresPlace } from "./postgres-place.ts";
import { databaseUrl, startPostgres } from "./start-postgres.ts";

const binaries = process.env.VIVIFIED_POSTGRES_BIN ?? "";
const user = 54_500;
const isRoot = process.getuid?.() === 0;

describe("PostgreSQL of a platform", () => {
  let home: string;
  let stack: AsyncDisposableStack;
  let guard: Guard;
  let port: number;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), "viv-postgres-"));
    stack = new AsyncDisposableStack();
    stack.defer(() => rm(home, { recursive: true, force: true }));
    guard = stack.use(await Guard.open(join(home, "guard.json")));
    port = await (await openPorts(join(home, "ports.json"))).of("postgres");
  });
  afterEach(() => stack.disposeAsync());

  async function start(): Promise<{ place: PostgresPlace; server: Supervised }> {
    const folder = join(home, "postgres");
    const place = isRoot
      ? await confinedPlace({ folder, binaries, user, guard })
      : await ordinaryPlace({ folder, binaries });
    stack.use(place);
    const server = await startPostgres({ place, guard, port, password: "secret", logFile: join(home, "postgres.log") });
    return { place, server: stack.use(server) };
  }

  async function query(text: string, url = databaseUrl(port, "secret")): Promise<unknown[]> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    return client
      .query(text)
      .then(({ rows }) => rows)
      .finally(() => client.end());
  }

  it("keeps its data over a stop and a start", async () => {
    const first = await start();
    await query("CREATE TABLE kept (value text)");
    await query("INSERT INTO kept VALUES ('here')");
    await first.server[Symbol.asyncDispose]();
    await first.place[Symbol.asyncDispose]();
    await start();
    expect(await query("SELECT value FROM kept")).toEqual([{ value: "here" }]);
    expect(await readFile(join(home, "postgres.log"), "utf8")).not.toContain("not properly shut down");
  });

  it("wants the password, from the role of core only", async () => {
    await start();
    await expect(query("SELECT 1", databaseUrl(port, "wrong"))).rejects.toThrow(/password authentication failed/);
    const superuser = databaseUrl(port, "secret").replace("//vivified", "//postgres");
    await expect(query("SELECT 1", superuser)).rejects.toThrow(/no pg_hba.conf entry/);
    const elsewhere = databaseUrl(port, "secret").replace(/vivified$/, "postgres");
    await expect(query("SELECT 1", elsewhere)).rejects.toThrow(/no pg_hba.conf entry/);
    expect(await query("SELECT has_database_privilege('public', 'vivified', 'connect') AS anybody")).toEqual([
      { anybody: false },
    ]);
  });

  it("listens on loopback and nowhere else", async () => {
    const { place } = await start();
    const state = (await readFile(join(place.dataOutside, "postmaster.pid"), "utf8")).split("\n");
    const [at, socketFolder, address] = state.slice(3, 6);
    expect([at, socketFolder, address]).toEqual([String(port), "", "127.0.0.1"]);
  });

  it("comes back with its data after it was killed", async () => {
    const { server } = await start();
    await query("CREATE TABLE kept AS SELECT 1 AS value");
    server.child.kill("SIGKILL");
    await expect.poll(() => query("SELECT value FROM kept").catch(String), { timeout: 20_000 }).toEqual([{ value: 1 }]);
  });

  it.runIf(isRoot)("runs under its own uid and shows its files to nobody else", async () => {
    const { server, place } = await start();
    const status = await readFile(`/proc/${server.child.pid}/status`, "utf8");
    expect(status).toMatch(new RegExp(`^Uid:\t${user}\t${user}\t${user}\t${user}$`, "m"));
    const data = await stat(place.dataOutside);
    expect({ uid: data.uid, mode: data.mode & 0o777 }).toEqual({ uid: user, mode: 0o700 });
  });
});
