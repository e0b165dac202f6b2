import { inspectIsolation } from "./doctor/inspect-isolation.mjs";
import { inspectMachine } from "./doctor/inspect-machine.mjs";
import { inspectStarter } from "./doctor/inspect-node.mjs";
import { inspectPackages, inspectTools } from "./doctor/inspect-tools.mjs";
import { table } from "./doctor/table.mjs";
import { locate } from "./locate.mjs";

/**
 * `node tools/doctor.mjs [--json]`: what is used and why, what is missing and the command that mends it. Changes nothing
 * and needs nothing installed. Exits with 1 when something is bad.
 */
const located = await locate();
const findings = [
  ...(await inspectStarter()),
  ...inspectPackages(),
  ...inspectTools(located),
  ...(await inspectMachine(located)),
  ...(await inspectIsolation()),
];
const bad = findings.filter(({ state }) => state === "bad").length;
const verdict =
  bad === 0 ? "Everything that is needed is there." : `${bad} to mend; \`node tools/setup.mjs\` brings every tool.`;

console.log(process.argv.includes("--json") ? JSON.stringify(findings, null, 2) : `${table(findings)}\n\n${verdict}`);
process.exitCode = bad === 0 ? 0 : 1;
