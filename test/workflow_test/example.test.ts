import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { buildExecutable } from "../../script/executable.ts";
import { root } from "../../script/repository.ts";
import { isPassed } from "../../src/workflow_test/file_run.ts";
import { buildTimeoutMs, runExecutable } from "../harness/executable.ts";
import { runFile } from "./run_tests.ts";

const files = [...new Bun.Glob("example/**/*.test.yaml").scanSync(root)].sort();

test("there are examples with tests", () => {
  expect(files.length).toBeGreaterThanOrEqual(4);
});

describe("the tests of the examples pass", () => {
  test.each(files)("%s", async (file) => {
    const { results } = await runFile(join(root, file));
    expect(
      results.filter((result) => !isPassed(result)).map(({ test: { name }, ...rest }) => ({ name, ...rest })),
    ).toEqual([]);
    expect(results.length).toBeGreaterThan(0);
  });
});

describe("with the executable", () => {
  beforeAll(() => buildExecutable().then(() => undefined), buildTimeoutMs);

  test("the command of the guide runs the tests of the order example", async () => {
    const args = ["test", "example/order-processing-pipeline.test.yaml"];
    const { code, stdout, stderr } = await runExecutable(args, { directory: root });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/^✓ a small order is accepted and the warehouse is told \(\d+ ms\)\n/);
    expect(stdout).toMatch(/\n\d+ passed, 0 failed \(\d+ ms\)\n$/);
  });

  test("a test that fails says what was expected, and the exit code is 1", async () => {
    const files = {
      "a.yaml": "pipelines: { a: { steps: [{ name: x, type: step.set, config: { values: { n: 1 } } }] } }\n",
      "a.test.yaml": "config: a.yaml\ntests:\n  - { name: one, pipeline: a, expect: { calls: { x: 2 } } }\n",
    };
    const { code, stdout } = await runExecutable(["test", "a.test.yaml"], { files });
    expect(code).toBe(1);
    expect(stdout.replaceAll(/\d+ ms/g, "N ms")).toBe(`✗ one [a.test.yaml:3:5]
    calls.x [a.test.yaml:3:53]
      expected: 2
      got:      1
0 passed, 1 failed (N ms)
`);
  });
});
