import { capture } from "./command.mjs";

/** Counts the results of `opa test` or `regal test`. Results that cannot be read, or none at all, are a failure of their own. */
export async function runPolicyTests(command, args, spawned) {
  const { end, printed } = await capture(command, ["test", "--format", "json", ...args], { spawned });
  const results = parse(printed);
  if (results === undefined || results.length === 0) {
    console.log(`  ${command} test ended with ${end} and no results\n${printed}`);
    return { passed: 0, failed: 1 };
  }
  return count(results, end);
}

function count(results, end) {
  const bad = results.filter(({ fail, error }) => fail || error);
  const skipped = results.filter(({ skip }) => skip).length;
  for (const result of bad) console.log(described(result));
  const failed = bad.length === 0 && end !== 0 ? 1 : bad.length;
  const passed = results.length - bad.length - skipped;
  console.log(`  ${passed} of ${results.length} hold`);
  return { passed, failed, skipped };
}

function described({ package: name, name: rule, location, error, output }) {
  const where = location ? ` ${location.file}:${location.row}` : "";
  const said = output ? `\n${Buffer.from(output, "base64").toString("utf8")}` : "";
  return `  ✗ ${name}.${rule}${where}${error ? `\n    ${error.message ?? JSON.stringify(error)}` : ""}${said}`;
}

function parse(printed) {
  try {
    const results = JSON.parse(printed);
    return Array.isArray(results) ? results : undefined;
  } catch {
    return undefined; // the caller shows what was printed
  }
}
