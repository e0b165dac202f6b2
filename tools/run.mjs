import { join } from "node:path";
import { toolEnvironment } from "./locate.mjs";
import { checkout } from "./pinned.mjs";
import { endOnSignal } from "./process/end-on-signal.mjs";
import { supervise } from "./process/supervise.mjs";
import { SetUpFailure, say } from "./setup/progress.mjs";
import { setUp, stepsFor } from "./setup.mjs";

const programs = {
  vivified: ["cli/src/main.ts"],
  bench: ["bench/src/main.ts"],
  test: ["tools/test.mjs"],
  crash: ["test/crash/main.ts"],
  check: ["tools/test.mjs", "--only", "types,lint,policy-format,policy-check,policy-lint-tests"],
};
const [what, ...rest] = process.argv.slice(2);
const toSetUp = what === "vivified" ? { only: stepsFor(rest) } : {};

/** `node tools/run.mjs <what> [arguments]`: sets up what is missing, then runs it under Node 24 with every tool named. */
async function run() {
  const program = programs[what];
  if (program === undefined) throw new SetUpFailure(`usage: run.mjs ${Object.keys(programs).join("|")} [arguments]`);
  const located = await endOnSignal(() => setUp(toSetUp), closeTests);
  tellPassedOver(located);
  const [script, ...fixed] = program;
  const environment = { ...process.env, ...toolEnvironment(located) };
  return supervise(located.node.path, [join(checkout, script), ...fixed, ...rest], environment);
}

/** Whoever names a tool counts on it being the one. */
function tellPassedOver(located) {
  const named = Object.values(located).flatMap(({ rejected }) =>
    rejected.filter(({ why }) => why.startsWith("named by")),
  );
  for (const { path, why, flaw } of named) say(`! ${path}, ${why}, is passed over: ${flaw}`);
}

function failed(error) {
  say(error instanceof SetUpFailure ? error.message : error.stack);
  return { code: 1, signal: "none" };
}

/** What tests print ends with this line even when they could not start or were killed. */
function closeTests() {
  if (["test", "check"].includes(what)) process.stdout.write("0 passed, 1 failed\n");
}

const { code, signal } = await run().catch(failed);
if (signal) closeTests();
process.exitCode = code;
