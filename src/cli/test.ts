import { writeFileSync } from "node:fs";
import { asWorkflowError, ConfigErrors, messageOf } from "../error/error.ts";
import { formatProblem } from "../error/format.ts";
import { makeRegistry } from "../plugin/index.ts";
import { compileLinearRegexp } from "../regexp/linear_regexp.ts";
import { nearestName } from "../schema/nearest.ts";
import { systemClock } from "../time/clock.ts";
import { Coverage } from "../workflow_test/coverage.ts";
import { isPassed, runTestFile, type TestResult } from "../workflow_test/file_run.ts";
import {
  type Report,
  type ReportForm,
  reportForms,
  reportText,
  resultLines,
  summaryLines,
} from "../workflow_test/report.ts";
import type { TestFile } from "../workflow_test/test_case.ts";
import { readTestFile } from "../workflow_test/test_file.ts";
import { type Settings, usage } from "./settings.ts";

/** `server test FILE…`: runs workflow tests. 0 when all pass, 1 when some fail, 2 for files that cannot be used. */
export async function test(names: readonly string[], settings: Settings): Promise<number> {
  if (names.length === 0) throw usage("test needs a file", "write: server test workflow.test.yaml");
  const form = reportForm(settings);
  const isWanted = nameFilter(settings);
  const files = readAll(names);
  if (files === undefined) return 2;
  const output = settings.text("output");
  const coverage = new Coverage();
  const startedAt = systemClock.monotonic();
  // On the terminal each test is shown as soon as it is done.
  const isLive = form === "text" || output !== undefined;
  const onResult = (result: TestResult) => {
    if (isLive) process.stdout.write(resultLines(result));
  };
  const golden = settings.isSet("update") ? "update" : "compare";
  const registry = makeRegistry();
  const results: TestResult[] = [];
  for (const file of files) {
    if (isLive && files.length > 1) process.stdout.write(`${file.path}\n`);
    results.push(...(await runTestFile(file, { registry, isWanted, golden, coverage, onResult })));
  }
  const pipelines = settings.isSet("coverage") ? coverage.pipelines() : undefined;
  const report: Report = { results, durationMs: systemClock.monotonic() - startedAt, coverage: pipelines };
  if (isLive) process.stdout.write(summaryLines(report));
  else process.stdout.write(reportText(form, report));
  if (output !== undefined) write(output, reportText(form, report));
  if (results.length === 0) throw usage(`no test has a name that matches -run ${settings.text("run") ?? ""}`);
  return results.every(isPassed) ? 0 : 1;
}

function reportForm(settings: Settings): ReportForm {
  const text = settings.text("reporter") ?? "text";
  const form = reportForms.find((candidate) => candidate === text);
  if (form !== undefined) return form;
  const near = nearestName(text, reportForms);
  const hint = near === undefined ? "see -help" : `did you mean ${near}? see -help`;
  throw usage(`-reporter must be one of ${reportForms.join(", ")}, got "${text}"`, hint);
}

function nameFilter(settings: Settings): (name: string) => boolean {
  const pattern = settings.text("run");
  if (pattern === undefined) return () => true;
  try {
    const regexp = compileLinearRegexp(pattern);
    return (name) => regexp.test(name);
  } catch (error) {
    throw usage(
      `-run: ${messageOf(error)}`,
      error instanceof Error && "hint" in error ? String(error.hint) : undefined,
    );
  }
}

/** Every file, or undefined when one of them cannot be used; what is wrong with them is printed. */
function readAll(names: readonly string[]): readonly TestFile[] | undefined {
  const files = names.flatMap((name) => {
    try {
      return readTestFile(name);
    } catch (error) {
      const failure = asWorkflowError(error);
      const problems = failure instanceof ConfigErrors ? failure.problems : [failure];
      for (const problem of problems) process.stderr.write(`${formatProblem(problem)}\n`);
      return [];
    }
  });
  return files.length === names.length ? files : undefined;
}

function write(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw usage(`-output: cannot write ${path}: ${messageOf(error)}`, "name a file in a directory that exists");
  }
}
