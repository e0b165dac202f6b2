import { Client } from "pg";
import type { TestGround } from "../core.fixtures.ts";

/** Ingest that gets no further until this is disposed of: PostgreSQL does not get on with what it writes. */
export async function holdIngest({ env }: TestGround): Promise<AsyncDisposable> {
  const client = new Client({ connectionString: env.VIVIFIED_CORE_DATABASE_URL });
  await client.connect();
  await client.query("begin");
  await client.query("select * from audit_position for update");
  return { [Symbol.asyncDispose]: () => client.end() };
}
