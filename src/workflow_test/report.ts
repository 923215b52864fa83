import { formatProblem } from "../error/format.ts";
import type { Position } from "../error/error.ts";
import type { Difference } from "./compare.ts";
import type { PipelineCoverage } from "./coverage.ts";
import { placeText } from "./evaluate.ts";
import { isPassed, type TestResult } from "./file_run.ts";

/** Everything that a report is written from. */
export interface Report {
  readonly results: readonly TestResult[];
  readonly durationMs: number;
  /** Undefined when it was not asked for. */
  readonly coverage: readonly PipelineCoverage[] | undefined;
}

/** The forms of a report. */
export const reportForms = ["text", "junit", "github", "json"] as const;
/** A form of a report. */
export type ReportForm = (typeof reportForms)[number];

/** The text of a report in one of the forms. */
export function reportText(form: ReportForm, report: Report): string {
  switch (form) {
    case "text":
      return textReport(report);
    case "junit":
      return junitReport(report);
    case "github":
      return githubReport(report);
    case "json":
      return `${JSON.stringify(jsonReport(report), undefined, 2)}\n`;
  }
}

/** The lines of one test for the terminal. */
export function resultLines(result: TestResult): string {
  const { test, durationMs } = result;
  const isOk = isPassed(result);
  const head = `${isOk ? "✓" : "✗"} ${test.name}`;
  if (isOk) return `${head} (${Math.round(durationMs)} ms)\n`;
  const problems = result.problems.map((problem) => `    ${formatProblem(problem)}\n`);
  return `${head} [${placeText(test.at)}]\n${problems.join("")}${result.differences.map(differenceLines).join("")}`;
}

function differenceLines({ path, at, expected, got }: Difference): string {
  return `    ${path} [${placeText(at)}]\n      expected: ${expected}\n      got:      ${got}\n`;
}

/** The last lines for the terminal: how many passed, and what was never executed. */
export function summaryLines({ results, durationMs, coverage }: Report): string {
  const failed = results.filter((result) => !isPassed(result)).length;
  const counts = `${results.length - failed} passed, ${failed} failed`;
  return `${coverage === undefined ? "" : coverageLines(coverage)}${counts} (${Math.round(durationMs)} ms)\n`;
}

function coverageLines(pipelines: readonly PipelineCoverage[]): string {
  const lines = pipelines.flatMap(({ config, pipeline, steps, executed, missing }) => [
    `  ${pipeline}: ${executed} of ${steps} steps (${config})`,
    ...missing.map(({ step, at }) => `    never executed: ${step} [${placeText(at)}]`),
  ]);
  return ["Coverage:", ...lines, ""].join("\n");
}

function textReport(report: Report): string {
  return report.results.map(resultLines).join("") + summaryLines(report);
}

/** One message for each thing that is wrong with a test. */
function messages({
  test,
  differences,
  problems,
}: TestResult): readonly { readonly at: Position; readonly text: string }[] {
  return [
    ...problems.map((problem) => ({ at: problem.at[0] ?? test.at, text: problem.message })),
    ...differences.map(({ path, at, expected, got }) => ({ at, text: `${path}: expected ${expected}, got ${got}` })),
  ];
}

/** JUnit XML, as CI servers read it. */
function junitReport({ results, durationMs }: Report): string {
  const failed = results.filter((result) => !isPassed(result)).length;
  const suites = [...Map.groupBy(results, ({ file }) => file)].map(([file, own]) => {
    const cases = own.map((result) => junitCase(result)).join("");
    const failures = own.filter((result) => !isPassed(result)).length;
    const total = own.reduce((sum, result) => sum + result.durationMs, 0);
    const counts = `tests="${own.length}" failures="${failures}" time="${seconds(total)}"`;
    return `  <testsuite name="${escaped(file)}" ${counts}>\n${cases}  </testsuite>\n`;
  });
  const head = `tests="${results.length}" failures="${failed}" time="${seconds(durationMs)}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${head}>\n${suites.join("")}</testsuites>\n`;
}

function junitCase(result: TestResult): string {
  const { test, file, durationMs } = result;
  const head = `classname="${escaped(file)}" name="${escaped(test.name)}" time="${seconds(durationMs)}"`;
  if (isPassed(result)) return `    <testcase ${head}/>\n`;
  const [first, ...others] = messages(result).map(({ at, text }) => `${placeText(at)}: ${text}`);
  const body = escaped([first, ...others].join("\n"));
  const failure = `      <failure message="${escaped(first ?? "")}">${body}</failure>\n`;
  return `    <testcase ${head}>\n${failure}    </testcase>\n`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

// XML 1.0 has no way to write control characters.
const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;

function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\n": "&#10;",
  };
  return text.replaceAll(unprintable, "\ufffd").replaceAll(/[&<>"\n]/g, (found) => names[found] ?? found);
}

/** Workflow commands of GitHub Actions: each failure becomes a note at its line. */
function githubReport(report: Report): string {
  const lines = report.results.flatMap((result) =>
    messages(result).map(({ at, text }) => {
      const place = `file=${property(at.file)},line=${at.line},col=${at.column}`;
      return `::error ${place},title=${property(result.test.name)}::${commandData(text)}\n`;
    }),
  );
  return lines.join("") + summaryLines(report);
}

function commandData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return commandData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

function jsonReport({ results, durationMs, coverage }: Report) {
  const tests = results.map((result) => ({
    file: result.file,
    name: result.test.name,
    line: result.test.at.line,
    passed: isPassed(result),
    duration_ms: Math.round(result.durationMs),
    failures: [
      ...result.problems.map((problem) => ({ ...placeOf(problem.at[0] ?? result.test.at), message: problem.message })),
      ...result.differences.map(({ path, at, expected, got }) => ({ ...placeOf(at), path, expected, got })),
    ],
  }));
  const failed = tests.filter(({ passed }) => !passed).length;
  const counts = { passed: tests.length - failed, failed, duration_ms: Math.round(durationMs) };
  const pipelines = coverage?.map(({ config, pipeline, steps, executed, missing }) => ({
    config,
    pipeline,
    steps,
    executed,
    missing: missing.map(({ step, at }) => ({ step, ...placeOf(at) })),
  }));
  return { ...counts, tests, ...(pipelines === undefined ? {} : { coverage: pipelines }) };
}

function placeOf({ file, line, column }: Position) {
  return { file, line, column };
}
