import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { styleText } from "node:util";
import { describe, expect, it } from "vitest";
import type { Finding } from "../finding.ts";
import type { TestReport, TestResult } from "../test-report.ts";
import { githubReport } from "./github-report.ts";
import { junitReport } from "./junit-report.ts";
import { lcovReport } from "./lcov-report.ts";
import { sarifReport } from "./sarif-report.ts";
import { formatTests } from "./test-formats.ts";
import { outputOf, writeOutputs } from "./write-outputs.ts";

const passed: TestResult = {
  ...{ kind: "case", engine: "interpreter", suite: "rpc/invoke", name: 'a <b> & "c"', outcome: "passed" },
  ...{ file: "cases/a.yaml", row: 3, column: 5 },
};
const failed: TestResult = { ...passed, engine: "wasm", outcome: "failed", message: "effect:\n50% \u0007,\ud800" };
const skipped: TestResult = { ...passed, kind: "rego", suite: "a_test", name: "todo_test_x", outcome: "skipped" };
const broken: Finding = {
  ...{ rule: "opa/rego_parse_error", level: "error", message: "unexpected eof" },
  ...{ file: "custom/ä b.rego", row: 4, column: 2 },
};
const report: TestReport = {
  ...{ passed: 1, failed: 1, skipped: 1, duration_ms: 1234, results: [passed, failed, skipped], findings: [] },
  coverage: { percent: 66.66, files: [{ file: "custom/a.rego", covered: [2, 9], notCovered: [3, 4, 7] }] },
};

describe("JUnit", () => {
  it("sums every suite, on each engine, as CI servers add them up", () => {
    const xml = junitReport(report);
    expect(xml).toContain('<testsuites name="vivified policy test" tests="3" failures="1" errors="0" time="1.234">');
    expect(xml).toContain('<testsuite name="rpc/invoke (wasm)" tests="1" failures="1" errors="0" skipped="0">');
    expect(xml).toContain('<testsuite name="a_test (interpreter)" tests="1" failures="0" errors="0" skipped="1">');
    expect(xml).toContain("<skipped/>");
  });

  it("escapes what XML reserves, and replaces what it cannot say", () => {
    const xml = junitReport(report);
    expect(xml).toContain('name="a &lt;b&gt; &amp; &quot;c&quot;"');
    expect(xml).toContain('<failure message="effect:&#10;50% \ufffd,\ufffd">');
    expect(xml.replaceAll(/[<>]/g, "").isWellFormed()).toBe(true);
  });

  it("tells what could not be run as an error", () => {
    const xml = junitReport({ ...report, results: [], findings: [broken] });
    expect(xml).toContain('tests="1" failures="0" errors="1"');
    expect(xml).toContain("custom/ä b.rego:4: unexpected eof</error>");
  });
});

describe("SARIF", () => {
  it("says which rule found what where, as 2.1.0 wants it", () => {
    const sarif = JSON.parse(sarifReport([broken, { ...broken, row: 0, rule: "modes", file: "/a/b.json" }]));
    expect(sarif.version).toBe("2.1.0");
    const [{ tool, results }] = sarif.runs;
    expect(tool.driver).toEqual({ name: "vivified policy", rules: [{ id: "modes" }, { id: "opa/rego_parse_error" }] });
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex].id).toBe(ruleId);
    expect(
      results.map(
        ({ locations: [{ physicalLocation }] }: { locations: unknown[] & [{ physicalLocation: object }] }) =>
          physicalLocation,
      ),
    ).toEqual([
      { artifactLocation: { uri: "custom/%C3%A4%20b.rego" }, region: { startLine: 4, startColumn: 2 } },
      { artifactLocation: { uri: "file:///a/b.json" } },
    ]);
  });
});

describe("LCOV", () => {
  it("lists each line once, in order, with the sums", () => {
    expect(lcovReport(report.coverage)).toBe(
      [
        "TN:",
        "SF:custom/a.rego",
        "DA:2,1",
        "DA:3,0",
        "DA:4,0",
        "DA:7,0",
        "DA:9,1",
        "LF:5",
        "LH:2",
        "end_of_record",
        "",
      ].join("\n"),
    );
  });

  it("is empty when nothing was measured", () => expect(lcovReport(undefined)).toBe(""));
});

describe("GitHub's annotations", () => {
  it("escape what would end a property or a line", () => {
    const odd = { ...broken, file: "a,b:c%.rego", message: "one\ntwo: 50%" };
    expect(githubReport([odd])).toBe(
      "::error file=a%2Cb%3Ac%25.rego,line=4,col=2,title=opa/rego_parse_error::one%0Atwo: 50%25\n",
    );
  });

  it("name no line for a whole file", () => {
    expect(githubReport([{ ...broken, row: 0, level: "warning" }])).toMatch(/^::warning file=custom\/ä b.rego,title=/);
  });
});

describe("text", () => {
  it("says what failed and where, what no test reaches, and the sums", () => {
    const text = formatTests(report, "text");
    expect(text).toMatch(/cases\/a\.yaml:3:5: error: a <b> & "c" \(wasm\): effect:/);
    expect(text).toContain(
      "custom/a.rego: no test reaches 3-4, 7\ncoverage 66.66 %\n1 passed, 1 failed, 1 skipped in 1.2 s",
    );
  });
});

describe("--output", () => {
  const parse = outputOf(["junit", "lcov"]);

  it("may be repeated, and takes paths with an equals sign", () => {
    expect(parse("lcov=b=c", parse("junit=a"))).toEqual([
      { format: "junit", file: "a" },
      { format: "lcov", file: "b=c" },
    ]);
  });

  it.each(["junit", "junit=", "pdf=a", ""])("refuses %j", (text) => {
    expect(() => parse(text)).toThrow("it is <format>=<file>, with a format of junit, lcov.");
  });
});

describe("files", () => {
  it("hold no colours, whatever the terminal has", async () => {
    const folder = await mkdtemp(join(tmpdir(), "vivified-outputs-"));
    const file = join(folder, "text");
    await writeOutputs({ format: "none", output: [{ format: "text", file }] }, (format) =>
      format === "text" ? styleText("red", "✗ a", { validateStream: false }) : "",
    );
    expect(await readFile(file, "utf8")).toBe("✗ a");
    await rm(folder, { recursive: true });
  });
});
