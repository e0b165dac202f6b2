import { parseArgs } from "node:util";
import { logBench } from "./audit/log-bench.ts";
import { trailBench } from "./audit/trail-bench.ts";
import { ingestBench } from "./decisions/ingest-bench.ts";
import { searchBench } from "./decisions/search-bench.ts";
import { activationBench } from "./policy/activation-bench.ts";
import { decisionBench } from "./policy/decision-bench.ts";
import { scalingBench } from "./policy/scaling-bench.ts";
import { soakBench } from "./policy/soak-bench.ts";
import { rpcBench } from "./rpc-bench.ts";
import { machineLine, markdownTable, type Row } from "./table.ts";

/** `npm run bench [-- policy | rpc | audit | log | ingest | soak | decisions [--records n]]`: one run, one table. Figures are printed, never asserted. */
const say = (line: string) => console.error(`… ${line}`);
const benches: Record<string, () => Promise<Row[]>> = {
  policy: async () => [...(await decisionBench()), ...(await scalingBench()), ...(await activationBench())],
  rpc: () => rpcBench(say),
  audit: () => trailBench(say),
  log: logBench,
  ingest: () => ingestBench(say),
};
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { records: { type: "string", default: "10000000" } },
});
/** Asked for by name only: they take minutes. */
const long: typeof benches = {
  soak: soakBench,
  decisions: () => searchBench(Number(values.records), say),
};
const rows: Row[] = [];
for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
  const bench = { ...benches, ...long }[name];
  if (bench === undefined)
    throw new Error(`there is no bench ${name} (${Object.keys({ ...benches, ...long }).join(", ")})`);
  say(name);
  rows.push(...(await bench()));
}
console.log(`\n${machineLine(new Date())}\n\n${markdownTable(rows)}`);
