/** How many tests a run passed, failed and skipped; tests marked as to-do count as skipped. */
export interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const countLine = /^\s*(\d+) (pass|fail|skip|todo)$/;

/**
 * Reads the counts from the output of `bun test`, or undefined when the run did not come to its end or its counts
 * contradict its total. The JUnit report is no source: it leaves out files that could not be loaded.
 */
export function readSummary(output: string): Summary | undefined {
  const lines = Bun.stripANSI(output).trimEnd().split("\n");
  const last = lines.findLastIndex((line) => /^Ran \d+ tests? across \d+ files?\./.test(line));
  if (last === -1) return undefined;
  const counts = { pass: 0, fail: 0, skip: 0, todo: 0 };
  for (let index = last - 1; index >= 0; index -= 1) {
    const line = lines[index] ?? "";
    if (line.trim() === "") break;
    const [, count, kind] = countLine.exec(line) ?? [];
    if (kind === "pass" || kind === "fail" || kind === "skip" || kind === "todo") counts[kind] = Number(count);
  }
  const total = Number(/\d+/.exec(lines[last] ?? "")?.[0]);
  if (counts.pass + counts.fail + counts.skip + counts.todo !== total) return undefined;
  return { passed: counts.pass, failed: counts.fail, skipped: counts.skip + counts.todo };
}

/** The last line of a test run, as scripts read it. */
export function formatSummary({ passed, failed, skipped }: Summary): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
