import { join } from "node:path";
import { checkout } from "../pinned.mjs";
import { capture } from "./command.mjs";
import { runPolicyTests } from "./policy-tests.mjs";

const vivified = join(checkout, "cli/src/main.ts");
const policies = join(checkout, "policies");
const lintRules = join(policies, ".regal/rules");
const regal = process.env.VIVIFIED_REGAL ?? "regal";

/** What holds of the policies, by the commands that everybody has for it. */
export const policyChecks = {
  "policy-format": {
    says: "vivified policy fmt",
    run: ({ rest, spawned }) => counted(["fmt", policies, "--check", "--json", ...rest], formatCount, spawned),
  },
  "policy-check": {
    says: "vivified policy check: schemas, capabilities, lint, cases, modes",
    run: ({ rest, spawned }) => counted(["check", policies, "--json", ...rest], checkCount, spawned),
  },
  "policy-lint-tests": {
    says: "the tests of our own lint rules",
    run: ({ rest, spawned }) => runPolicyTests(regal, [...rest, lintRules], spawned),
  },
  "policy-tests": {
    says: "vivified policy test: Rego tests and cases on both engines, all of the rules reached",
    run: ({ rest, spawned }) => {
      const whole = rest.length > 0 ? [] : ["--threshold", "100"]; // a part of the tests reaches a part of the rules
      return counted(["test", policies, "--json", ...whole, ...rest], testCount, spawned);
    },
  },
};

/** Results that cannot be read, or a bad end that they do not tell, are a failure of their own. */
async function counted(args, count, spawned) {
  const { end, printed } = await capture(process.execPath, [vivified, "policy", ...args], { spawned });
  const report = parsed(printed);
  if (report === undefined) {
    console.log(`  vivified policy ${args[0]} ended with ${end} and no results\n${printed}`);
    return { passed: 0, failed: 1 };
  }
  const { passed, failed, skipped = 0 } = count(report);
  return { passed, failed: failed === 0 && end !== 0 ? 1 : failed, skipped };
}

function formatCount({ files }) {
  for (const file of files) console.log(`  ✗ ${file} is not in OPA's form`);
  return { passed: files.length === 0 ? 1 : 0, failed: files.length };
}

function checkCount({ checks, passed, failed }) {
  for (const finding of checks.flatMap(({ findings }) => findings)) console.log(`  ✗ ${placed(finding)}`);
  return { passed, failed };
}

function testCount({ results, findings, coverage, passed, failed, skipped }) {
  for (const finding of findings) console.log(`  ✗ ${placed(finding)}`);
  for (const result of results.filter(({ outcome }) => outcome === "failed")) {
    console.log(`  ✗ ${result.suite} ${result.name} (${result.engine}) ${placed(result)}`);
  }
  for (const { file, notCovered } of coverage?.files ?? []) {
    if (notCovered.length > 0) console.log(`  ${file}: no test reaches ${notCovered.join(", ")}`);
  }
  console.log(
    `  ${passed} of ${results.length} hold${coverage ? `, and reach ${coverage.percent} % of the rules` : ""}`,
  );
  return { passed, failed: failed + findings.length, skipped };
}

const placed = ({ file, row, message = "" }) => `${file}:${row}: ${message}`;

function parsed(printed) {
  try {
    return JSON.parse(printed);
  } catch {
    return undefined; // the caller shows what was printed
  }
}
