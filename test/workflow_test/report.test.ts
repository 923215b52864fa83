import { expect, test } from "bun:test";
import { WorkflowError } from "../../src/error/error.ts";
import type { TestResult } from "../../src/workflow_test/file_run.ts";
import { type Report, reportText } from "../../src/workflow_test/report.ts";
import { parseTestFile } from "../../src/workflow_test/test_file.ts";

const { tests } = parseTestFile(
  `config: a.yaml
tests:
  - { name: it works, pipeline: p, expect: golden }
  - { name: 'it "fails" & says so', pipeline: p, expect: golden }
  - { name: it cannot run, pipeline: p, expect: golden }
`,
  "a.test.yaml",
);

function resultOf(index: number, rest: Partial<TestResult>): TestResult {
  const found = tests[index];
  if (found === undefined) throw new Error("no such test");
  return { file: "a.test.yaml", test: found, durationMs: 12.4, differences: [], problems: [], ...rest };
}

const at = { file: "a.test.yaml", line: 9, column: 7 };
const step = { pipeline: "p", step: "s", at: { file: "a.yaml", line: 3, column: 5 } };
const report: Report = {
  results: [
    resultOf(0, {}),
    resultOf(1, { differences: [{ path: "calls.a", at, expected: "1", got: "<2>\n100%" }] }),
    resultOf(2, { problems: [new WorkflowError("config.read", "cannot read a.yaml", { at: [at] })] }),
  ],
  durationMs: 40,
  coverage: [{ config: "a.yaml", pipeline: "p", steps: 2, executed: 1, missing: [step] }],
};

test("the text form has a line for each test, the differences below it, and a summary", () => {
  expect(reportText("text", report)).toBe(`✓ it works (12 ms)
✗ it "fails" & says so [a.test.yaml:4:5]
    calls.a [a.test.yaml:9:7]
      expected: 1
      got:      <2>
100%
✗ it cannot run [a.test.yaml:5:5]
    a.test.yaml:9:7: cannot read a.yaml
Coverage:
  p: 1 of 2 steps (a.yaml)
    never executed: s [a.yaml:3:5]
1 passed, 2 failed (40 ms)
`);
});

test("the JUnit form is XML with a suite for each file", () => {
  expect(reportText("junit", report)).toBe(
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="2" time="0.040">
  <testsuite name="a.test.yaml" tests="3" failures="2" time="0.037">
    <testcase classname="a.test.yaml" name="it works" time="0.012"/>
    <testcase classname="a.test.yaml" name="it &quot;fails&quot; &amp; says so" time="0.012">
      <failure message="a.test.yaml:9:7: calls.a: expected 1, got &lt;2&gt;&#10;100%">` +
      `a.test.yaml:9:7: calls.a: expected 1, got &lt;2&gt;&#10;100%</failure>
    </testcase>
    <testcase classname="a.test.yaml" name="it cannot run" time="0.012">
      <failure message="a.test.yaml:9:7: cannot read a.yaml">a.test.yaml:9:7: cannot read a.yaml</failure>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});

test("the GitHub form has an error command for each failure", () => {
  const lines = reportText("github", { ...report, coverage: undefined }).split("\n");
  expect(lines).toEqual([
    '::error file=a.test.yaml,line=9,col=7,title=it "fails" & says so::calls.a: expected 1, got <2>%0A100%25',
    "::error file=a.test.yaml,line=9,col=7,title=it cannot run::cannot read a.yaml",
    "1 passed, 2 failed (40 ms)",
    "",
  ]);
});

test("the JSON form has everything for programs", () => {
  const parsed: unknown = JSON.parse(reportText("json", report));
  expect(parsed).toMatchObject({
    passed: 1,
    failed: 2,
    duration_ms: 40,
    tests: [
      { file: "a.test.yaml", name: "it works", line: 3, passed: true, failures: [] },
      { passed: false, failures: [{ file: "a.test.yaml", line: 9, column: 7, path: "calls.a", expected: "1" }] },
      { passed: false, failures: [{ line: 9, message: "cannot read a.yaml" }] },
    ],
    coverage: [{ pipeline: "p", steps: 2, executed: 1, missing: [{ step: "s", file: "a.yaml", line: 3 }] }],
  });
});
