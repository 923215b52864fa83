import { expect, test } from "bun:test";
import { formatSummary, readSummary } from "../../script/summary.ts";

test("the counts of a run are read from the end of its output, to-do tests as skipped", () => {
  const output = `bun test v1.4.5

test/a.test.ts:
(pass) one
 9 pass
Ran 9 tests across 9 files. [not the end]

 2 pass
 1 skip
 1 todo
 3 fail
 1 error
 3 expect() calls
Ran 7 tests across 3 files. [14.00ms]
`;
  expect(readSummary(output)).toEqual({ passed: 2, failed: 3, skipped: 2 });
});

test("colours and a single test or file do not matter", () => {
  const output =
    "\u001B[32m 1 pass\u001B[0m\n\u001B[2m 0 fail\u001B[0m\nRan 1 test across 1 file. \u001B[2m[5ms]\u001B[0m\n";
  expect(readSummary(output)).toEqual({ passed: 1, failed: 0, skipped: 0 });
});

test.each([
  ["an empty output", ""],
  ["a run that was killed before its end", "(pass) one\n(pass) two\n"],
  ["counts that contradict the total", " 2 pass\n 0 fail\nRan 3 tests across 1 file. [1ms]\n"],
])("%s has no summary", (_name, output) => {
  expect(readSummary(output)).toBeUndefined();
});

test("a summary is one line with three counts", () => {
  expect(formatSummary({ passed: 12, failed: 0, skipped: 3 })).toBe("12 passed, 0 failed, 3 skipped");
});
