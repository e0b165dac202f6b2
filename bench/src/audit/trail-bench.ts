import { provisionNats } from "@vivified/runtime";
import { startTestNats } from "@vivified/runtime/nats-fixtures";
import { median } from "../open-loop.ts";
import type { Row } from "../table.ts";
import { type AuditWay, barePublish, trailWay } from "./audit-ways.ts";
import { type MeasuredWay, measureWay, mostPerSecond } from "./measure-way.ts";

/** As gateways are configured unless said otherwise. */
const chains = 2;
const rounds = 3;
/** Calls a second, and for how many seconds. */
const loads = [
  [1, 5],
  [100, 4],
  [1_000, 4],
] as const;
const callers = 256;

/** What a durable record adds to a call, and how many there can be, against a bare durable publish for each call. */
export async function trailBench(say: (line: string) => void): Promise<Row[]> {
  await using nats = await startTestNats();
  await using connection = await nats.connect("bench");
  await provisionNats(connection);
  const seen: Record<"bare" | "trail", Round[]> = { bare: [], trail: [] };
  for (let round = 0; round < rounds; round += 1)
    for (const name of ["bare", "trail"] as const) {
      say(`audit: ${name}, round ${round + 1} of ${rounds}`);
      await using way = name === "bare" ? barePublish(connection) : await trailWay(connection, chains);
      seen[name].push(await measureAll(way));
    }
  return rowsOf(seen.trail, seen.bare);
}

type Round = { readonly measured: readonly MeasuredWay[]; readonly most: number };

async function measureAll(way: AuditWay): Promise<Round> {
  await mostPerSecond(way, 64, 0.5); // warm
  const measured: MeasuredWay[] = [];
  for (const [perSecond, seconds] of loads) measured.push(await measureWay(way, perSecond, seconds));
  return { measured, most: await mostPerSecond(way, callers, 3) };
}

function rowsOf(trail: readonly Round[], bare: readonly Round[]): Row[] {
  const added = loads.flatMap(([perSecond], at) =>
    (["p50", "p99"] as const).map((percentile): Row => {
      const of = (all: readonly Round[]) => median(all.map(({ measured }) => measured[at]?.[percentile] ?? Number.NaN));
      return row(`audit: ${percentile} that a record adds, ${perSecond} calls/s`, of(trail), of(bare), "ms");
    }),
  );
  const most = (all: readonly Round[]) => median(all.map((one) => one.most));
  return [...added, row(`audit: durable records a second, ${callers} callers`, most(trail), most(bare), "a second")];
}

function row(measure: string, value: number, against: number, unit: string): Row {
  const shown = (figure: number) => (figure < 100 ? figure.toFixed(2) : Math.round(figure).toLocaleString("en"));
  const ratio = `${(value / against).toFixed(2)} ×`;
  return { measure, value: `${shown(value)} ${unit}`, against: `bare durable publish ${shown(against)}`, ratio };
}
