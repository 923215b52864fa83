import { expect, test } from "bun:test";
import { parseTestFile } from "../../src/workflow_test/test_file.ts";
import { problemsOf } from "./run_tests.ts";

/** A test file whose only test has these keys beside its name. */
function withTest(keys: string): string {
  return `config: a.yaml\ntests:\n  - name: one\n${keys.replaceAll(/^(?=.)/gm, "    ")}`;
}

const sound = "pipeline: p\nexpect: { status: completed }\n";

test.each([
  [
    "tests: []",
    [
      "1:1 a test file needs `config` (name the configuration under test, relative to this file)",
      "1:1 a test file needs `tests` with at least one test",
    ],
  ],
  [
    "config: a.yaml\ntest: []",
    [
      "1:1 a test file needs `tests` with at least one test",
      '2:1 a test file has no key "test" (did you mean "tests"?)',
    ],
  ],
  ["- 1", ["1:1 a test file must be a map, got list"]],
  [withTest(`${sound}expects: {}`), ['6:5 a test has no key "expects" (did you mean "expect"?)']],
  [
    withTest("pipeline: p"),
    ["3:5 a test needs `expect` (without it the test could not fail; write `expect: {status: completed}` at least)"],
  ],
  [withTest("pipeline: p\nexpect: {}"), ["5:13 `expect` is empty: the test could not fail"]],
  [
    withTest("expect: { status: completed }"),
    [
      "3:5 a test needs either `pipeline` or `request`" +
        " (`pipeline` with `input` runs a pipeline, `request` sends a request through the routes)",
    ],
  ],
  [
    withTest("request: { path: users }\nexpect: { status: completed }"),
    ["4:22 a request needs a `path` that begins with /"],
  ],
  [
    withTest("request: { path: /a, metod: GET }\nexpect: { status: completed }"),
    ['4:26 request has no key "metod" (did you mean "method"?)'],
  ],
  [withTest("request: { path: /a }\ninput: {}\nexpect: { status: completed }"), ["5:12 `input` belongs to `pipeline`"]],
  [
    withTest(`${sound}now: noon`),
    ['6:10 now must be an RFC 3339 time, got "noon" (write it as "2026-03-01T09:00:00Z")'],
  ],
  [withTest(`${sound}allow_effects: maybe`), ["6:20 allow_effects must be true or false"]],
  [
    withTest(`${sound}steps: { a: {} }`),
    ["6:17 steps.a needs either `output` or `error` (write {output: {…}} or {error: a text})"],
  ],
  [
    withTest(`${sound}steps: { a: { output: {}, error: x } }`),
    ["6:17 steps.a needs either `output` or `error` (write {output: {…}} or {error: a text})"],
  ],
  [withTest(`${sound}steps: { a: { output: 5 } }`), ["6:27 steps.a.output must be a map, got number"]],
  [withTest(`${sound}steps: { a: { output: {}, times: 0 } }`), ["6:38 steps.a.times must be a whole number from 1"]],
  [
    withTest(`${sound}steps: { a: { error: x, next: b } }`),
    ["6:35 steps.a: a step that fails goes on nowhere, so `next` has no effect"],
  ],
  [
    withTest(`${sound}steps: { a: { error: { message: x, code: step.faild } } }`),
    ['6:46 steps.a.error.code: there is no code "step.faild" (did you mean "step.failed"?)'],
  ],
  [withTest(`${sound}steps: { a: { error: { code: step.failed } } }`), ["6:26 steps.a.error needs a `message`"]],
  [withTest(`${sound}signals: [{ payload: 1 }]`), ["6:15 a signal needs a `name`"]],
  [
    withTest("pipeline: p\nexpect: { status: complete }"),
    ['5:23 expect.status: no run is "complete" (did you mean "completed"?)'],
  ],
  [
    withTest("pipeline: p\nexpect: { outputs: { a: { $gtt: 1 } } }"),
    ['5:31 "$gtt" is no matcher (did you mean "$gt"?)'],
  ],
  [withTest("pipeline: p\nexpect: { result: { $gt: a } }"), ["5:30 $gt takes a number"]],
  [
    withTest("pipeline: p\nexpect: { error: /(/ }"),
    [
      '5:22 invalid pattern "(": error parsing regexp: missing closing ): `(`' +
        " (to compare with the text itself, write {$exact: …})",
    ],
  ],
  [
    `${withTest(sound)}  - name: one\n    pipeline: p\n    expect: { status: failed }\n`,
    ['6:5 the test "one" is already defined at line 3'],
  ],
])("%j is refused", (text, problems) => {
  expect(problemsOf(text)).toEqual(problems);
});

test("keys beside `tests` hold for every test, and a test may say otherwise", () => {
  const { tests } = parseTestFile(
    `config: a.yaml
now: "2026-03-01T09:00:00Z"
environment: { A: file, B: file }
allow_effects: true
timeout: 3s
tests:
  - { name: one, pipeline: p, environment: { B: test }, expect: golden }
  - { name: two, pipeline: p, now: "2027-01-01T00:00:00Z", allow_effects: false, timeout: 1s, expect: golden }
`,
    "folder/a.test.yaml",
  );
  expect(tests).toMatchObject([
    { nowMs: 1_772_355_600_000, environment: { A: "file", B: "test" }, allowsEffects: true, timeLimitMs: 3000 },
    { nowMs: 1_798_761_600_000, environment: { A: "file", B: "file" }, allowsEffects: false, timeLimitMs: 1000 },
  ]);
});

test("the configuration stands relative to the test file", () => {
  const { config } = parseTestFile(
    `config: ../order.yaml\ntests: [{ name: a, pipeline: p, expect: golden }]`,
    "/x/y/a.yaml",
  );
  expect(config.path).toBe("/x/order.yaml");
});
