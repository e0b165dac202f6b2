import { shapeOf } from "../../../core/src/audit/shapes/decision-shape.ts";
import { shapeIds } from "../../../core/src/audit/shapes/shape-ids.postgres.ts";
import type { Db } from "../../../core/src/database/open-database.ts";
import type { SampleRecord } from "./sample-records.ts";

/** Shapes of sample records, added as ingest adds them: first without an outcome, then with it. */
export class ShapesInUse {
  readonly #db: Db;
  readonly #ids = new Map<string, string>();

  constructor(db: Db) {
    this.#db = db;
  }

  /** By what the records say that they share. */
  async idsOf(records: readonly SampleRecord[]): Promise<ReadonlyMap<string, string>> {
    const fresh = new Map(records.filter(({ shape }) => !this.#ids.has(shape)).map((one) => [one.shape, one]));
    const untold = [...fresh.values()].map(({ decision }) => wantedOf(decision));
    await shapeIds(this.#db, untold);
    const told = [...fresh.values()].map(({ decision, outcome }) => wantedOf(decision, outcome));
    const ids = await shapeIds(this.#db, told);
    for (const [nth, shape] of [...fresh.keys()].entries()) this.#ids.set(shape, ids[nth] ?? "");
    return this.#ids;
  }
}

function wantedOf(decision: SampleRecord["decision"], outcome?: SampleRecord["outcome"]) {
  return { shape: shapeOf(decision, outcome), at: new Date(decision.timestamp) };
}
