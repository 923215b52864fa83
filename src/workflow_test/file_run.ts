import { writeFileSync } from "node:fs";
import { basename, relative } from "node:path";
import type { Config } from "../config/config.ts";
import { loadConfigFile } from "../config/load.ts";
import type { Registry } from "../define/registry.ts";
import { asWorkflowError, ConfigErrors, placed, WorkflowError } from "../error/error.ts";
import { child, type Node, plainValue } from "../schema/node.ts";
import { systemClock } from "../time/clock.ts";
import type { Difference } from "./compare.ts";
import type { Coverage } from "./coverage.ts";
import { evaluate } from "./evaluate.ts";
import { compareGolden, goldenOf, goldenPath, goldenText, readGolden } from "./golden.ts";
import type { Observation } from "./observation.ts";
import type { TestCase, TestFile } from "./test_case.ts";
import { observe } from "./test_run.ts";

/** How one test ended. It passed when there is neither a difference nor a problem. */
export interface TestResult {
  readonly file: string;
  readonly test: TestCase;
  readonly durationMs: number;
  readonly differences: readonly Difference[];
  /** What kept the test from being run. */
  readonly problems: readonly WorkflowError[];
}

/** How test files are run. */
export interface FileRunOptions {
  readonly registry: Registry;
  /** Tests whose names are left out when it does not hold. */
  readonly isWanted: (name: string) => boolean;
  /** Writes what tests give where they expect what was kept. */
  readonly golden: "compare" | "update";
  readonly coverage: Coverage;
  readonly onResult: (result: TestResult) => void;
}

/** Whether a test is as it should be. */
export function isPassed({ differences, problems }: TestResult): boolean {
  return differences.length === 0 && problems.length === 0;
}

/** Runs the tests of a file, one after the other. */
export async function runTestFile(file: TestFile, options: FileRunOptions): Promise<readonly TestResult[]> {
  const results: TestResult[] = [];
  const keptPath = goldenPath(file.path);
  const kept = file.tests.some(({ expected }) => expected === "golden") ? readGolden(keptPath) : undefined;
  const outcomes = new Map<string, Record<string, unknown>>();
  const config = load(file);
  for (const test of file.tests.filter(({ name }) => options.isWanted(name))) {
    const startedAt = systemClock.monotonic();
    const result = await runOne(test, config, options, (seen) => {
      if (test.expected !== "golden") return evaluate(test, test.expected, seen);
      outcomes.set(test.name, goldenOf(seen));
      return options.golden === "update" ? [] : compareGolden(test, kept, seen);
    });
    const complete = { file: file.path, test, durationMs: systemClock.monotonic() - startedAt, ...result };
    results.push(complete);
    options.onResult(complete);
  }
  if (options.golden === "update" && outcomes.size > 0) {
    writeFileSync(keptPath, goldenText(withEarlier(file, outcomes, kept), basename(file.path)));
  }
  return results;
}

/** A configuration that cannot be read fails every test of its file. */
function load(file: TestFile): Config | WorkflowError {
  try {
    const { path } = file.config;
    return loadConfigFile(path.startsWith(`${process.cwd()}/`) ? relative(process.cwd(), path) : path);
  } catch (error) {
    const failure = asWorkflowError(error);
    return failure instanceof ConfigErrors ? failure : placed(failure, file.config.at);
  }
}

async function runOne(
  test: TestCase,
  config: Config | WorkflowError,
  { registry, coverage }: FileRunOptions,
  judge: (seen: Observation) => readonly Difference[],
): Promise<Pick<TestResult, "differences" | "problems">> {
  if (config instanceof WorkflowError) return { differences: [], problems: problemsOf(config) };
  try {
    const seen = await observe(test, config, registry);
    coverage.add(config.file, seen);
    return { differences: judge(seen), problems: [] };
  } catch (error) {
    return { differences: [], problems: problemsOf(error) };
  }
}

function problemsOf(error: unknown): readonly WorkflowError[] {
  return error instanceof ConfigErrors ? error.problems : [asWorkflowError(error)];
}

/** Tests that were not run keep what they have; those that are gone are left out. */
function withEarlier(
  file: TestFile,
  outcomes: ReadonlyMap<string, Record<string, unknown>>,
  kept: Node | undefined,
): ReadonlyMap<string, unknown> {
  const golden = file.tests.filter(({ expected }) => expected === "golden");
  const values = golden.map(({ name }): [string, unknown] => [
    name,
    outcomes.get(name) ?? plainValue(child(kept, name)),
  ]);
  return new Map(values.filter(([, outcome]) => outcome !== undefined));
}
