import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { runCrash } from "./src/run-crash.ts";
import type { CrashSummary } from "./src/summarize.ts";

/**
 * `npm run test:crash [-- --seed <n> --kills <n> --gateways <n> --home <folder>]`: kills a platform's parts under load,
 * half of the time with one gateway, then with two, unless their number is given. Exit 1 when a claim is broken.
 */
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(randomInt(2 ** 32)) },
    kills: { type: "string", default: "200" },
    gateways: { type: "string" },
    home: { type: "string" },
  },
});
const say = (line: string) => void process.stderr.write(`${line}\n`);
const seed = Number(values.seed);
const kills = Number(values.kills);
const runs =
  values.gateways === undefined
    ? [1, 2].map((gateways) => ({ gateways, kills: Math.ceil(kills / 2) }))
    : [{ gateways: Number(values.gateways), kills }];

const summaries: CrashSummary[] = [];
for (const run of runs) {
  say(`seed ${seed}, ${run.kills} kills, gateways: ${run.gateways}`);
  const home = values.home && { home: `${values.home}/${run.gateways}` };
  const summary = await runCrash({ seed, ...run, say, ...home });
  for (const { invariant, says, ids } of summary.violations) say(`✗ ${invariant} ${says}: ${ids.join(" ")}`);
  const again = `npm run test:crash -- --seed ${seed} --kills ${run.kills} --gateways ${run.gateways}`;
  say(summary.violations.length === 0 ? "every claim held" : `${summary.violations.length} broken; again: ${again}`);
  summaries.push(summary);
}
process.stdout.write(`${JSON.stringify(summaries, undefined, 2)}\n`);
process.exitCode = summaries.every(({ violations }) => violations.length === 0) ? 0 : 1;
