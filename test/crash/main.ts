import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { runCrash } from "./src/run-crash.ts";

/** `npm run test:crash [-- --seed <n> --kills <n> --home <folder>]`: kills a platform's parts under load. Exit 1 when a claim is broken. */
const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(randomInt(2 ** 32)) },
    kills: { type: "string", default: "200" },
    home: { type: "string" },
  },
});
const say = (line: string) => process.stderr.write(`${line}\n`);
const options = {
  seed: Number(values.seed),
  kills: Number(values.kills),
  say,
  ...(values.home && { home: values.home }),
};
say(`seed ${options.seed}, ${options.kills} kills`);
const summary = await runCrash(options);
process.stdout.write(`${JSON.stringify(summary, undefined, 2)}\n`);
for (const { invariant, says, ids } of summary.violations) say(`✗ ${invariant} ${says}: ${ids.join(" ")}`);
say(
  summary.violations.length === 0
    ? "every claim held"
    : `${summary.violations.length} claims broken; again with --seed ${options.seed} --kills ${options.kills}`,
);
process.exitCode = summary.violations.length === 0 ? 0 : 1;
