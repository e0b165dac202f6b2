import { policyBench } from "./policy-bench.ts";
import { rpcBench } from "./rpc-bench.ts";
import { machineLine, markdownTable } from "./table.ts";

/** `npm run bench`: one run, one table. Figures are printed, never asserted. */
const say = (line: string) => console.error(`… ${line}`);
say("policy decisions");
const rows = [...(await policyBench()), ...(await rpcBench(say))];
console.log(`\n${machineLine(new Date())}\n\n${markdownTable(rows)}`);
