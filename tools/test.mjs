import { parseArgs } from "node:util";
import { checks } from "./test/checks.mjs";
import { Interruption } from "./test/interruption.mjs";
import { policyChecks } from "./test/policies.mjs";
import { Tally } from "./test/tally.mjs";

const groups = { policies: Object.keys(policyChecks) };
const known = [...Object.keys(checks), ...Object.keys(groups)].join(", ");
const usage = `usage: npm test [-- --only <check,…> [arguments for it]]   checks: ${known}`;
const tally = new Tally();
const interruption = new Interruption();

/** Runs what was asked for, one after another, and closes with one true line: `N passed, N failed`. */
async function main() {
  const { names, rest } = chosen(process.argv.slice(2));
  for (const name of names) {
    await perform(name, rest);
    if (interruption.signal) return;
  }
}

/** Arguments of a runner make sense to one runner only. */
function chosen(argv) {
  const options = { only: { type: "string" } };
  const { values, positionals, tokens } = parseArgs({ args: argv, options, strict: false, tokens: true });
  const names = values.only?.split(",").flatMap((name) => groups[name] ?? name) ?? Object.keys(checks);
  const only = tokens.find(({ kind, name }) => kind === "option" && name === "only");
  const rest = only ? argv.slice(only.index + (only.inlineValue ? 1 : 2)) : argv;
  const strange = names.filter((name) => !(name in checks));
  if (strange.length > 0) throw new Error(`there is no check ${strange.join(", ")}\n${usage}`);
  if (rest.length > 0 && names.length !== 1)
    throw new Error(`only one check takes arguments: ${rest.join(" ")}\n${usage}`);
  if (positionals.length > 0 && !only) throw new Error(usage);
  return { names, rest };
}

async function perform(name, rest) {
  const began = Date.now();
  console.log(`\n▸ ${name}: ${checks[name].says}`);
  const result = await checks[name].run({ rest, spawned: interruption.watch }).catch(crashed);
  if (result === undefined) return console.log(`  nothing to check yet: there is no policies folder`);
  if (interruption.signal) result.failed += result.failed === 0 ? 1 : 0;
  tally.add(name, result);
  const mark = result.failed === 0 ? "✓" : "✗";
  console.log(`${mark} ${name} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
}

function crashed(error) {
  console.error(`  could not be run: ${error.message}`);
  return { passed: 0, failed: 1 };
}

process.on("uncaughtException", (error) => {
  tally.add("npm test", crashed(error));
  tally.close();
  process.exit(1);
});

await main().catch((error) => tally.add("npm test", crashed(error)));
tally.close();
process.exitCode = interruption.exitCode ?? (tally.isGreen() ? 0 : 1);
