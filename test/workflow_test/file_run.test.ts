import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { folderWith, lines, runFile } from "./run_tests.ts";

const order = `  order:
    steps:
      - name: parse
        type: step.set
        config: { values: { amount: "{{ .amount }}", at: "{{ now }}", id: "{{ uuid }}" } }
      - name: charge
        type: step.http_call
        retry: { max_attempts: 3, backoff: 10s }
        config: { url: "https://pay.example/charge", method: POST }
      - { name: done, type: step.log, config: { message: "charged {{ .steps.charge.id }}" } }
  outer:
    steps:
      - { name: call, type: step.workflow_call, config: { workflow: order, input: { amount: "7" } } }
`;

test("golden outcomes are kept by an update and compared afterwards, the same in every run", async () => {
  const tests = lines(
    "config: workflow.yaml",
    "tests:",
    "  - name: one",
    "    pipeline: order",
    "    input: { amount: 5 }",
    "    steps: { charge: { output: { id: ch_1 } } }",
    "    expect: golden",
    "",
  );
  using folder = folderWith({ "workflow.yaml": `pipelines:\n${order}`, "order.test.yaml": tests });
  const file = join(folder.path, "order.test.yaml");
  const first = await runFile(file);
  expect(first.results[0]?.differences).toMatchObject([
    { path: "golden", expected: "nothing is kept for this test; look at it with -update" },
  ]);
  await runFile(file, "update");
  const kept = readFileSync(join(folder.path, "order.golden.yaml"), "utf8");
  expect(kept).toBe(`# What the tests of order.test.yaml gave; written by \`server test -update\`.
one:
  outputs:
    charge:
      id: "ch_1"
    done: {}
    parse:
      amount: "5"
      at: "2026-01-01T00:00:00Z"
      id: "00000000-0000-4000-8000-000000000001"
  path:
    - "parse"
    - "charge"
    - "done"
  status: "completed"
`);
  expect((await runFile(file)).results[0]?.differences).toEqual([]);
  await Bun.write(file, tests.replace("ch_1", "ch_2"));
  expect((await runFile(file)).results[0]?.differences).toMatchObject([
    { path: "golden.outputs.charge.id", expected: '"ch_1"', got: '"ch_2"', at: { line: 5 } },
  ]);
});

test("coverage names the steps that no test executed", async () => {
  const tests = lines(
    "config: workflow.yaml",
    "tests:",
    "  - { name: one, pipeline: order, steps: { parse: { output: {}, next: done } }, expect: { status: completed } }",
    "",
  );
  using folder = folderWith({ "workflow.yaml": `pipelines:\n${order}`, "order.test.yaml": tests });
  const { coverage } = await runFile(join(folder.path, "order.test.yaml"));
  expect(coverage.pipelines()).toMatchObject([
    { pipeline: "order", steps: 3, executed: 2, missing: [{ step: "charge", at: { line: 7 } }] },
    { pipeline: "outer", steps: 1, executed: 0, missing: [{ step: "call" }] },
  ]);
});
