import { expect, test } from "bun:test";
import { runProcess, startProcess } from "../harness/process.ts";

const limitMs = 30_000;

const files = {
  "a.yaml": "pipelines: { a: { steps: [{ name: x, type: step.set, config: { values: { n: 1 } } }] } }\n",
  "a.test.yaml": `config: a.yaml
tests:
  - { name: first, pipeline: a, expect: { calls: { x: 1 } } }
  - { name: second, pipeline: a, expect: { calls: { x: 2 } } }
  - { name: third, pipeline: a, expect: golden }
`,
  "broken.test.yaml": "config: a.yaml\ntests: [{ nam: one, pipeline: a, expect: golden }]\n",
};

/** The outcome with durations as N. */
async function outcomeOf(args: readonly string[]) {
  const { code, stdout, stderr } = await runProcess(["test", ...args], { files });
  return { code, stdout: stdout.replaceAll(/\d+ ms/g, "N ms"), stderr };
}

test.each<[readonly string[], { code: number; stdout?: string; stderr?: string }]>([
  [[], { code: 2, stdout: "", stderr: "test needs a file (write: server test workflow.test.yaml)\n" }],
  [["none.test.yaml"], { code: 2, stdout: "" }],
  [
    ["broken.test.yaml"],
    {
      code: 2,
      stdout: "",
      stderr:
        "broken.test.yaml:2:9: a test needs a `name`\n" +
        'broken.test.yaml:2:11: a test has no key "nam" (did you mean "name"?)\n',
    },
  ],
  [["-run", "first", "a.test.yaml"], { code: 0, stdout: "✓ first (N ms)\n1 passed, 0 failed (N ms)\n", stderr: "" }],
  [["-run", "^(first|second)$", "a.test.yaml"], { code: 1 }],
  [
    ["-run", "nothing", "a.test.yaml"],
    { code: 2, stderr: "no test has a name that matches -run nothing (see -help)\n" },
  ],
  [["-run", "(", "a.test.yaml"], { code: 2 }],
  [
    ["-reporter", "junitt", "a.test.yaml"],
    {
      code: 2,
      stderr: '-reporter must be one of text, junit, github, json, got "junitt" (did you mean junit? see -help)\n',
    },
  ],
  [
    ["-reporter", "github", "-run", "second", "a.test.yaml"],
    {
      code: 1,
      stdout:
        "::error file=a.test.yaml,line=4,col=56,title=second::calls.x: expected 2, got 1\n0 passed, 1 failed (N ms)\n",
    },
  ],
  [
    ["-run", "first", "-coverage", "a.test.yaml"],
    {
      code: 0,
      stdout: "✓ first (N ms)\nCoverage:\n  a: 1 of 1 steps (a.yaml)\n1 passed, 0 failed (N ms)\n",
    },
  ],
  [["-run", "third", "-update", "a.test.yaml"], { code: 0, stdout: "✓ third (N ms)\n1 passed, 0 failed (N ms)\n" }],
  [["-run", "third", "a.test.yaml"], { code: 1 }],
  [["-output", "none/report.xml", "a.test.yaml"], { code: 2 }],
  [["-addr", ":1", "a.test.yaml"], { code: 2, stderr: 'flag -addr has no meaning for "test" (see -help)\n' }],
])(
  "server test %j",
  async (args, expected) => {
    expect(await outcomeOf(args)).toMatchObject(expected);
  },
  limitMs,
);

test(
  "a report in a file leaves the text form for the terminal",
  async () => {
    const args = ["test", "-run", "first", "-reporter", "junit", "-output", "report.xml", "a.test.yaml"];
    await using process = startProcess(args, { files });
    const { code, stdout } = await process.ended;
    expect({ code, stdout: stdout.replaceAll(/\d+ ms/g, "N ms") }).toEqual({
      code: 0,
      stdout: "✓ first (N ms)\n1 passed, 0 failed (N ms)\n",
    });
    expect(await Bun.file(`${process.directory}/report.xml`).text()).toContain('<testsuites tests="1" failures="0"');
  },
  limitMs,
);
