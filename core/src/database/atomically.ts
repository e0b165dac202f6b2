import type { Kysely } from "kysely";
import type { Stores } from "../stores.ts";
import { storesOf } from "../stores.ts";
import type { Tables } from "./tables.ts";

/** All of it or nothing: runs work on stores that share one transaction. The work may only touch what it is given. */
export type Atomically<S> = <T>(work: (stores: S) => Promise<T>) => Promise<T>;

/** `committed` is called after every commit, so that what was put into the outbox leaves at once. */
export function atomicallyOn(db: Kysely<Tables>, committed: () => void): Atomically<Stores> {
  return async (work) => {
    const result = await db.transaction().execute((transaction) => work(storesOf(transaction)));
    committed();
    return result;
  };
}
