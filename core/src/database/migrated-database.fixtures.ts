import { createLogger } from "@vivified/runtime";
import { startPostgres, type TestPostgres } from "../postgres.fixtures.ts";
import { migrate } from "./migrate.ts";
import { Database, type DatabaseOptions } from "./open-database.ts";

export type MigratedDatabaseOptions = Partial<DatabaseOptions> & {
  /** The server to make it on; one of its own when there is none. */
  readonly postgres?: TestPostgres;
};

/** An empty database with core's schema, on a real server. */
export type MigratedDatabase = AsyncDisposable & Pick<Database, "db">;

export async function migratedDatabase(options: MigratedDatabaseOptions = {}): Promise<MigratedDatabase> {
  await using stack = new AsyncDisposableStack();
  const { postgres = stack.use(await startPostgres()), ...rest } = options;
  const logger = createLogger({ process: "test", level: "silent" });
  const { db } = stack.use(new Database({ url: await postgres.createDatabase(), logger, ...rest }));
  await migrate(db);
  const opened = stack.move();
  return { db, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
