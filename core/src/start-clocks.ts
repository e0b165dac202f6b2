import { ClockWatch, natsTime } from "@vivified/runtime";
import { sql } from "kysely";
import type { Foundation } from "./foundation.ts";

/** Core's clock as others see it: NATS, which stamps blocks, and PostgreSQL, which takes leases. */
export type CoreClocks = {
  readonly watches: readonly { readonly other: string; readonly watch: Pick<ClockWatch, "trusted" | "skewMs"> }[];
  readonly trusted: () => boolean;
};

const everyMs = 5_000;

/** How far clocks of a platform may be apart: as gateways have it. */
export const maxClockSkewMs = 60_000;

/** Holds core's clock to those of NATS and PostgreSQL for as long as core runs. */
export function startClocks({ nats, db, clock, logger }: Foundation, stack: AsyncDisposableStack): CoreClocks {
  const open = (other: string, ask: () => Promise<Date>) => {
    const watch = new ClockWatch({ clock, other, ask, maxSkewMs: maxClockSkewMs, everyMs, logger });
    return { other, watch: stack.use(watch) };
  };
  const databaseTime = async () => {
    const { rows } = await sql<{ at: Date }>`select clock_timestamp() as at`.execute(db);
    return rows[0]?.at ?? new Date(Number.NaN);
  };
  const watches = [open("NATS", () => natsTime(nats)), open("PostgreSQL", databaseTime)];
  return { watches, trusted: () => watches.every(({ watch }) => watch.trusted) };
}
