import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { makeRegistry } from "../../src/plugin/index.ts";
import { Coverage } from "../../src/workflow_test/coverage.ts";
import { runTestFile, type TestResult } from "../../src/workflow_test/file_run.ts";
import { parseTestFile, readTestFile } from "../../src/workflow_test/test_file.ts";
import { ConfigErrors } from "../../src/error/error.ts";

/** Files in a directory of their own, gone after use. */
export interface Folder extends Disposable {
  readonly path: string;
}

/** Writes files into a new directory. */
export function folderWith(files: Readonly<Record<string, string>>): Folder {
  const path = mkdtempSync(join(tmpdir(), "workflow-tests-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs a test file and gives its results and its coverage. */
export async function runFile(
  path: string,
  golden: "compare" | "update" = "compare",
): Promise<{ readonly results: readonly TestResult[]; readonly coverage: Coverage }> {
  const coverage = new Coverage();
  const options = { registry: makeRegistry(), isWanted: () => true, golden, coverage, onResult: () => undefined };
  return { results: await runTestFile(readTestFile(path), options), coverage };
}

/** Runs one test against pipelines and gives what is wrong, as `line:column path: expected …, got …`. */
export async function failuresOf(pipelines: string, test: string): Promise<readonly string[]> {
  const config = pipelines.includes("pipelines:") ? pipelines : `pipelines:\n${pipelines}`;
  const tests = `config: workflow.yaml\ntests:\n  - name: shown\n${test.replaceAll(/^(?=.)/gm, "    ")}\n`;
  using folder = folderWith({ "workflow.yaml": config, "shown.test.yaml": tests });
  const { results } = await runFile(join(folder.path, "shown.test.yaml"));
  return results.flatMap(({ differences, problems }) => [
    ...problems.map(({ at: [at], message, hint }) =>
      [`${at?.line ?? 0}:${at?.column ?? 0} ${message}`, ...(hint === undefined ? [] : [`(${hint})`])].join(" "),
    ),
    ...differences.map(
      ({ at, path, expected, got }) => `${at.line}:${at.column} ${path}: expected ${expected}, got ${got}`,
    ),
  ]);
}

/** What is wrong with the text of a test file, as `line:column message (hint)`. */
export function problemsOf(text: string): readonly string[] {
  try {
    parseTestFile(text, "shown.test.yaml");
    return [];
  } catch (error) {
    if (!(error instanceof ConfigErrors)) throw error;
    return error.problems.map(({ at: [at], message, hint }) => {
      const place = `${at?.line ?? 0}:${at?.column ?? 0}`;
      return `${place} ${message}${hint === undefined ? "" : ` (${hint})`}`;
    });
  }
}

/** A text of several lines. */
export function lines(...all: readonly string[]): string {
  return all.join("\n");
}
