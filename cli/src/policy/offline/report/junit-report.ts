import type { TestReport, TestResult } from "../test-report.ts";

/** JUnit's XML, as CI servers read it: a suite for every package or question on each engine. */
export function junitReport({ results, findings, duration_ms: ms }: TestReport): string {
  const suites = [...Map.groupBy(results, ({ suite, engine }) => `${suite} (${engine})`)];
  const broken = findings.map(({ file, row, message, rule }) => {
    const text = escaped(`${file}:${row}: ${message}`);
    return `    <testcase name="${escaped(file)}" classname="${escaped(rule)}"><error message="${text}">${text}</error></testcase>`;
  });
  const failures = results.filter(({ outcome }) => outcome === "failed").length;
  const sums = `tests="${results.length + broken.length}" failures="${failures}" errors="${broken.length}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="vivified policy test" ${sums} time="${(ms / 1000).toFixed(3)}">`,
    ...suites.flatMap(([name, cases]) => suiteOf(name, cases)),
    ...(broken.length === 0
      ? []
      : [
          `  <testsuite name="load" tests="${broken.length}" failures="0" errors="${broken.length}" skipped="0">`,
          ...broken,
          "  </testsuite>",
        ]),
    "</testsuites>",
    "",
  ].join("\n");
}

function suiteOf(name: string, cases: readonly TestResult[]): string[] {
  const count = (outcome: TestResult["outcome"]) => cases.filter((one) => one.outcome === outcome).length;
  const sums = `tests="${cases.length}" failures="${count("failed")}" errors="0" skipped="${count("skipped")}"`;
  return [`  <testsuite name="${escaped(name)}" ${sums}>`, ...cases.map(caseOf), "  </testsuite>"];
}

function caseOf({ suite, engine, name, file, row, outcome, message = "" }: TestResult): string {
  const classname = `${suite} (${engine})`;
  const place = `name="${escaped(name)}" classname="${escaped(classname)}" file="${escaped(file)}" line="${row}"`;
  if (outcome === "passed") return `    <testcase ${place}/>`;
  if (outcome === "skipped") return `    <testcase ${place}><skipped/></testcase>`;
  const text = escaped(`${file}:${row}: ${message}`);
  return `    <testcase ${place}><failure message="${escaped(message)}">${text}</failure></testcase>`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
  "\t": "&#9;",
};

/** XML has no way to say most control characters, or half a surrogate pair (XML 1.0 §2.2). */
function escaped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones
  const sayable = text.toWellFormed().replaceAll(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/g, "\ufffd");
  return sayable.replaceAll(/[&<>"\n\t]/g, (character) => entities[character] ?? character);
}
